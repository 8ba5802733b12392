namespace FedRec.Contracts.Evaluations;

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
