namespace FedRec.Core.Evaluation;

/// <summary>What a group of an evaluation is made of.</summary>
public enum QualityGroupKind
{
    /// <summary>Users, by the number of their training items: up to ten groups of about the same size.</summary>
    Activity,

    /// <summary>Users, by the days from their first training interaction to the newest one of all: up to ten groups of about the same size.</summary>
    Tenure,

    /// <summary>Users, by the number of their training items: none, 1 to 4, 5 to 9, 10 to 19, and more.</summary>
    ColdStart,

    /// <summary>Held-out items, by the number of users that have met them in training; up to 5 are cold, and 0 are new.</summary>
    Popularity,

    /// <summary>Users without training items, whom a temporal split keeps apart: in no other group and in no mean.</summary>
    NewUsers,

    /// <summary>Users whose held-out item nobody has in training, kept apart likewise.</summary>
    NewItems,
}

/// <summary>Quality for some of the users, or for some of the held-out items.</summary>
/// <param name="Kind">What it is made of.</param>
/// <param name="From">Fewest interactions, or days.</param>
/// <param name="To">Most interactions, or days; null when there is no limit.</param>
/// <param name="Count">Users or held-out items in it, at least 1.</param>
/// <param name="Cutoff">K of both metrics.</param>
/// <param name="HitRate">Mean HR@K.</param>
/// <param name="Ndcg">Mean NDCG@K.</param>
public sealed record QualityGroup(QualityGroupKind Kind, int From, int? To, long Count, int Cutoff, double HitRate, double Ndcg);
