namespace FedRec.Core.Evaluation;

/// <summary>The metrics every evaluation works out.</summary>
public static class RankingMetrics
{
    /// <summary>Largest value of K.</summary>
    public const int MaxCutoff = 1_000;

    /// <summary>Hit rate, NDCG, recall, reciprocal rank and average precision: those that depend on a cutoff and the held-out items' ranks.</summary>
    public static IReadOnlyList<IRankingMetric> All { get; } = [new HitRate(), new Ndcg(), new Recall(), new ReciprocalRank(), new MeanAveragePrecision()];

    /// <summary>The cutoffs results are compared at.</summary>
    public static IReadOnlyList<int> DefaultCutoffs { get; } = [5, 10, 20];
}
