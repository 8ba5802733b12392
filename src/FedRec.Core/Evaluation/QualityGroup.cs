namespace FedRec.Core.Evaluation;

/// <summary>What a group of an evaluation is made of.</summary>
public enum QualityGroupKind
{
    /// <summary>Users, by the number of their training items.</summary>
    Activity,

    /// <summary>Held-out items, by the number of users that have met them in training.</summary>
    Popularity,
}

/// <summary>Quality for some of the users, or for some of the held-out items.</summary>
/// <param name="Kind">What it is made of.</param>
/// <param name="From">Fewest interactions.</param>
/// <param name="To">Most interactions; null when there is no limit.</param>
/// <param name="Count">Users or held-out items in it, at least 1.</param>
/// <param name="Cutoff">K of both metrics.</param>
/// <param name="HitRate">Mean HR@K.</param>
/// <param name="Ndcg">Mean NDCG@K.</param>
public sealed record QualityGroup(QualityGroupKind Kind, int From, int? To, long Count, int Cutoff, double HitRate, double Ndcg);
