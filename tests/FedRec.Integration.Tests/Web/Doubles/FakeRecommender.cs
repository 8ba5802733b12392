using System.Collections.Immutable;
using FedRec.Contracts.Recommendations;

namespace FedRec.Integration.Tests.Web.Doubles;

/// <summary>Known users and the lists they get.</summary>
internal sealed class FakeRecommender
{
    private readonly FakeFederation _federation;

    public FakeRecommender(FakeFederation federation)
    {
        _federation = federation;
        Grain = new RecommenderGrain(this);
    }

    public IRecommenderGrain Grain { get; }

    /// <summary>Best first, by user.</summary>
    public SortedDictionary<string, RecommendedItem[]> Lists { get; } = new(StringComparer.Ordinal);

    /// <summary>What listing the users throws.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Whether the n-th query fails, from 1.</summary>
    public Func<int, bool> Fails { get; set; } = _ => false;

    /// <summary>What every query is answered; null for the lists.</summary>
    public RecommendationAnswer? Answer { get; set; }

    /// <summary>What every question for similar items is answered; null for no such version.</summary>
    public SimilarAnswer? Similar { get; set; }

    /// <summary>The last question for similar items.</summary>
    public SimilarQuery? AskedSimilar { get; private set; }

    /// <summary>The last query.</summary>
    public RecommendationQuery? Asked { get; private set; }

    private sealed class RecommenderGrain(FakeRecommender recommender) : IRecommenderGrain
    {
        private int _queries;

        public Task<RecommendationAnswer> RecommendAsync(RecommendationQuery query, CancellationToken cancellationToken)
        {
            if (recommender.Fails(Interlocked.Increment(ref _queries)))
            {
                throw new TimeoutException("The silo did not answer.");
            }

            recommender.Asked = query;
            var version = query.Version > 0 ? query.Version : recommender._federation.Model.Serving;
            return Task.FromResult(recommender.Answer is { } answer ? answer
                : version == 0 || version > 100 ? new RecommendationAnswer(RecommendationOutcome.NoModel, 0, [])
                : !recommender.Lists.TryGetValue(query.User, out var list) ? new RecommendationAnswer(RecommendationOutcome.UnknownUser, version, [])
                : new RecommendationAnswer(RecommendationOutcome.Found, version, [.. list.Take(query.Count).Select(i => Explained(i, query.Explain))]));
        }

        public Task<SimilarAnswer> FindSimilarAsync(SimilarQuery query, CancellationToken cancellationToken)
        {
            recommender.AskedSimilar = query;
            return Task.FromResult(recommender.Similar ?? new SimilarAnswer(RecommendationOutcome.NoModel, query.Version, "", "", []));
        }

        public Task<RecommendationAnswer> GetPopularAsync(int count, ListPart? part, CancellationToken cancellationToken)
        {
            recommender.Asked = new RecommendationQuery("", count, false, 0) { Part = part };
            return Task.FromResult(recommender.Answer ?? new RecommendationAnswer(RecommendationOutcome.NoModel, 0, []));
        }

        public Task<ImmutableArray<string>> FindUsersAsync(string prefix, int count, CancellationToken cancellationToken) =>
            recommender.Failure is { } failure ? Task.FromException<ImmutableArray<string>>(failure) : Task.FromResult(recommender.Lists.Keys.Where(u => u.StartsWith(prefix, StringComparison.Ordinal)).Take(count).ToImmutableArray());

        public Task<ImmutableArray<string>> ListUsersAsync(int offset, int count, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        private static RecommendedItem Explained(RecommendedItem item, bool explain) => explain ? item : item with { Reasons = [] };
    }
}
