using System.Collections.Immutable;

namespace FedRec.Contracts.Evaluations;

/// <summary>Quality of one model under the federation's protocol.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.evaluation-record")]
public sealed record EvaluationRecord
{
    /// <summary>Learner or baseline, such as <c>mf</c> or <c>popularity</c>.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>Round after which it was made; 0 for a baseline.</summary>
    [Id(1)] public int Round { get; init; }

    /// <summary>Users evaluated.</summary>
    [Id(2)] public int Users { get; init; }

    /// <summary>Means over users by name, such as <c>hr@10</c>, <c>ndcg@10</c>, <c>recall@20</c>, <c>mrr@10</c>, <c>map@10</c>, <c>auc</c>; of their
    /// lists <c>coverage@10</c>, <c>novelty@10</c> (bits), <c>diversity@10</c>, <c>popbias@10</c>; of ratings <c>rmse</c>, <c>mae</c>; and
    /// <c>hr@10/sampled99</c> where it is asked for. What cannot be measured is left out.</summary>
    [Id(3)] public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Per-user distribution by name, such as <c>ndcg@10/p50</c>, and the mean of the tenth of the users that fares worst, <c>ndcg@10/worst-decile</c>;
    /// likewise <c>worst-tenure</c>, <c>worst-cold-start</c> and <c>worst-popularity</c>, and the means of <c>new-users</c> and <c>new-items</c>, which are apart.</summary>
    [Id(4)] public ImmutableSortedDictionary<string, double> Quantiles { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>True when measured on the validation split instead of the test split.</summary>
    [Id(5)] public bool OnValidation { get; init; }

    /// <summary>Wall time, in seconds.</summary>
    [Id(6)] public double Seconds { get; init; }

    /// <summary>Users by activity, tenure and cold start, held-out items by popularity, and what is evaluated apart; of each kind the lowest first.</summary>
    [Id(7)] public ImmutableArray<EvaluationGroup> Groups { get; init; } = [];

    /// <summary>Items of the data that the version does not know, as they came later: it never recommends them. Default: 0.</summary>
    [Id(15)] public int UnknownItems { get; init; }

    /// <summary>Held-out interactions with such items; they count as not found. Default: 0.</summary>
    [Id(16)] public int UnknownHeldOut { get; init; }
}

/// <summary>Quality for some of the users, or for some of the held-out items; a mean over the whole group.</summary>
/// <param name="Kind"><c>activity</c> and <c>cold-start</c> for users by the number of their training items, in deciles and from none upwards; <c>tenure</c> for
/// users by the days from their first training interaction to the newest of all; <c>popularity</c> for held-out items by the number of users that
/// have met them in training; <c>new-users</c> and <c>new-items</c> for what a temporal split keeps apart from the means.</param>
/// <param name="From">Fewest interactions, or days.</param>
/// <param name="To">Most interactions, or days; null when there is no limit.</param>
/// <param name="Count">Users or held-out items in it, at least 1.</param>
/// <param name="Cutoff">K of both metrics.</param>
/// <param name="HitRate">HR@K, in [0, 1].</param>
/// <param name="Ndcg">NDCG@K, in [0, 1].</param>
[GenerateSerializer, Immutable, Alias("fedrec.evaluation-group")]
public sealed record EvaluationGroup(
    [property: Id(0)] string Kind,
    [property: Id(1)] int From,
    [property: Id(2)] int? To,
    [property: Id(3)] long Count,
    [property: Id(4)] int Cutoff,
    [property: Id(5)] double HitRate,
    [property: Id(6)] double Ndcg);
