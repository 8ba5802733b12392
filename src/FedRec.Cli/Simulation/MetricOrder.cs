using System.Globalization;

namespace FedRec.Cli.Simulation;

/// <summary>The order in which metrics are shown: HR, NDCG, recall, MRR, MAP, AUC, errors of ratings, what is in the lists, others; within each by K; last those among sampled items.</summary>
internal sealed class MetricOrder : IComparer<string>
{
    private static readonly string[] s_names = ["accuracy", "hr", "ndcg", "precision", "recall", "mrr", "map", "auc", "rmse", "mae", "coverage", "novelty", "diversity", "popbias"];

    public static MetricOrder Instance { get; } = new();

    public int Compare(string? x, string? y) => Key(x).CompareTo(Key(y));

    private static (int Rank, string Name, int K, string All) Key(string? metric)
    {
        var parts = (metric ?? "").Split('@', 2);
        var rank = Array.IndexOf(s_names, parts[0]);
        var k = parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
        return (rank < 0 || parts[^1].Contains('/', StringComparison.Ordinal) ? int.MaxValue : rank, parts[0], k, metric ?? "");
    }
}
