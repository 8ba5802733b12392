using System.Collections.Immutable;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Core.Evaluation;

/// <summary>Ranks the full catalogue with two scorers and compares where users' held-out items land.</summary>
/// <remarks>Scratch memory is reused; not thread-safe: one per thread.</remarks>
/// <param name="split">What is ranked.</param>
/// <param name="frame">The cutoffs; of the same split.</param>
public sealed class PairedEvaluator(EvaluationSplit split, EvaluationFrame frame)
{
    private static readonly IRankingMetric[] s_metrics = [new HitRate(), new Ndcg()];
    private readonly UserRanker _first = new(split, frame);
    private readonly UserRanker _second = new(split, frame);
    private readonly double[] _firstValues = new double[s_metrics.Length * frame.Cutoffs.Length];
    private readonly double[] _secondValues = new double[s_metrics.Length * frame.Cutoffs.Length];

    /// <summary>Empty sums for HR and NDCG at some cutoffs.</summary>
    public static BootstrapSums NewSums(EvaluationFrame frame, int replicates, ulong seed)
    {
        ImmutableArray<string> names = [.. s_metrics.SelectMany(metric => frame.Cutoffs.Select(cutoff => $"{metric.Name}@{cutoff}"))];
        return new BootstrapSums(names, replicates, seed);
    }

    /// <summary>Compares on users and adds them to a sum; users without held-out items are passed over.</summary>
    /// <param name="first">Scores the catalogue.</param>
    /// <param name="second">Scores it too; not the same instance, unless it is thread-safe.</param>
    /// <param name="users">Dense user numbers.</param>
    /// <param name="into">Sums of <see cref="NewSums"/>.</param>
    public void Evaluate(IScorer first, IScorer second, ReadOnlySpan<int> users, BootstrapSums into)
    {
        foreach (var user in users)
        {
            if (!split.HeldOut.Items(user).IsEmpty)
            {
                Measure(_first.Rank(first, user), _firstValues);
                Measure(_second.Rank(second, user), _secondValues);
                into.Add(user, _firstValues, _secondValues);
            }
        }
    }

    private void Measure(in UserRanking ranking, double[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var metric = s_metrics[i / frame.Cutoffs.Length];
            values[i] = metric.Value(ranking.Blocks, ranking.HeldOut.Items.Length, frame.Cutoffs[i % frame.Cutoffs.Length]);
        }
    }
}

/// <summary>A metric of two models on the same users.</summary>
/// <param name="Metric">Name, such as <c>ndcg@10</c>.</param>
/// <param name="First">Mean of the first model.</param>
/// <param name="Second">Mean of the second model.</param>
/// <param name="Low">Lower end of the 95 % interval of first minus second.</param>
/// <param name="High">Its upper end.</param>
public sealed record PairedDifference(string Metric, double First, double Second, double Low, double High)
{
    /// <summary>First minus second.</summary>
    public double Difference => First - Second;

    /// <summary>Whether chance alone hardly explains the difference.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;
}
