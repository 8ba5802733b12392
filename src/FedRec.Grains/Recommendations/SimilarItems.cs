using System.Collections.Immutable;
using FedRec.Contracts.Recommendations;
using FedRec.Core.Catalogues;
using FedRec.Core.Learners;
using FedRec.Grains.Clients;
using FedRec.Grains.Training;

namespace FedRec.Grains.Recommendations;

/// <summary>The items that a version holds near to an item.</summary>
/// <remarks>Listed is what somebody who has met that item alone may be recommended. Of an item that fewer users have met than the data's minimum cohort
/// nothing is listed: what is near to it is what these few have met.</remarks>
internal static class SimilarItems
{
    public static SimilarAnswer Find(RunContext run, PreparedModel model, SimilarQuery query, long version) => run.Score(model, worker =>
    {
        var learner = run.Request.Learner;
        var catalogue = run.Shown;
        if (worker.Similarity(model) is not { } similarity)
        {
            return new SimilarAnswer(RecommendationOutcome.NotMeasured, version, learner, "", [],
                $"Version {version} is one of {learner}, which does not say how near items are to each other. ease and pca say it by their weights, mf and two-tower by the cosine of item vectors: ask a version of one of these.");
        }

        var similarities = new float[catalogue.Items.Count];
        if (!catalogue.Items.TryGet(query.Item, out var item))
        {
            return new SimilarAnswer(RecommendationOutcome.UnknownItem, version, learner, "", [], $"There is no item '{query.Item}' in the catalogue of version {version}.");
        }

        if (!similarity.Measure(item, similarities))
        {
            return new SimilarAnswer(RecommendationOutcome.UnknownItem, version, learner, "", [], $"Version {version} does not know the item '{query.Item}', which came into the data after it was trained.");
        }

        var title = catalogue.Titles[item];
        return catalogue.Candidates.IsRare(item)
            ? new SimilarAnswer(RecommendationOutcome.Found, version, learner, title, [], $"Fewer than {catalogue.Entries.MinimumCohort} users have met this item, and what is near to it would tell of them.")
            : new SimilarAnswer(RecommendationOutcome.Found, version, learner, title, Rank(catalogue, item, similarities, query.Count), $"Nearness is {similarity.Words}; what is not above 0 is not near.");
    });

    private static ImmutableArray<SimilarItem> Rank(FederationCatalogue catalogue, int item, float[] similarities, int count)
    {
        for (var other = 0; other < similarities.Length; other++)
        {
            similarities[other] = similarities[other] > 0 ? similarities[other] : float.NaN;
        }

        var (items, numbers) = ClientScoring.Best(catalogue, new[] { item }, similarities, WantedItems.First(catalogue, count));
        return [.. items.Zip(numbers, (near, number) =>
            new SimilarItem(near.Rank, near.Item, near.Title, near.Score, near.Tags, [.. catalogue.Tags[item].Intersect(catalogue.Tags[number])]))];
    }
}
