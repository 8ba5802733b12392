using FedRec.Core.Aggregation;

namespace FedRec.Core.Evaluation.Metrics;

/// <summary>One part of <see cref="MetricSums"/>: what it counts of a user, as whole numbers, and what comes of the sums.</summary>
/// <remarks>Numbers are added up over users and silos; nothing else is done to them on the way.</remarks>
internal interface IMetricPart
{
    /// <summary>Numbers it needs.</summary>
    int Length { get; }

    /// <summary>Adds one user.</summary>
    void Add(in UserRanking user, Span<ulong> numbers);

    /// <summary>Whether so many users could have added up to this: no count is above theirs, and no sum above what its count allows.</summary>
    /// <param name="numbers">What a party says that it has counted.</param>
    /// <param name="users">Users that it says these are.</param>
    /// <param name="apart">Users that it may have, with those counted in a group only.</param>
    bool CouldBe(ReadOnlySpan<ulong> numbers, ulong users, ulong apart);

    /// <summary>Turns the sums into metrics.</summary>
    void Finish(ReadOnlySpan<ulong> numbers, long users, SummaryBuilder into);
}

/// <summary>Bounds of sums.</summary>
internal static class MetricBounds
{
    /// <summary>Whether a sum of so many values, each from 0 to the highest, in fixed point, could be this.</summary>
    public static bool IsSumOf(this ulong sum, ulong count, double highest = 1) => sum <= (UInt128)count * (ulong)FixedPoint.Encode(highest);

    /// <summary>The sum; exact, whatever the numbers are.</summary>
    public static UInt128 Total(this ReadOnlySpan<ulong> numbers)
    {
        UInt128 total = 0;
        foreach (var number in numbers)
        {
            total += number;
        }

        return total;
    }
}

/// <summary>Collects what the parts of an evaluation found.</summary>
internal sealed class SummaryBuilder
{
    public SortedDictionary<string, double> Metrics { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, double> Quantiles { get; } = new(StringComparer.Ordinal);

    public List<QualityGroup> Groups { get; } = [];

    /// <summary>The summary; of nobody nothing is known, which is not the same as a quality of 0. There may be users apart all the same.</summary>
    public EvaluationSummary Build(long users) => users > 0 ? new(users, Metrics, Quantiles, Groups)
        : new(0, new SortedDictionary<string, double>(), new SortedDictionary<string, double>(), Groups);
}

/// <summary>Ranking metrics: for each metric and cutoff the sum over users and a histogram of their values.</summary>
internal sealed class RankingPart(EvaluationFrame frame) : IMetricPart
{
    private const int Bins = 201; // steps of 0.005; 0 and 1 are exact
    private static readonly (string Name, double Share)[] s_quantiles = [("p10", 0.1), ("p50", 0.5), ("p90", 0.9)];

    public int Length => Series * (1 + Bins);

    private int Series => (RankingMetrics.All.Count * frame.Cutoffs.Length) + 1; // the last is AUC, which has no cutoff

    public void Add(in UserRanking user, Span<ulong> numbers)
    {
        for (var series = 0; series < Series; series++)
        {
            var value = Math.Clamp(Value(series, user), 0, 1);
            numbers[series] += (ulong)FixedPoint.Encode(value);
            numbers[FirstBin(series) + (int)Math.Round(value * (Bins - 1))]++;
        }
    }

    public bool CouldBe(ReadOnlySpan<ulong> numbers, ulong users, ulong apart)
    {
        for (var series = 0; series < Series; series++)
        {
            var bins = numbers.Slice(FirstBin(series), Bins);
            if (!numbers[series].IsSumOf(users) || bins.Total() != users)
            {
                return false;
            }
        }

        return true;
    }

    public void Finish(ReadOnlySpan<ulong> numbers, long users, SummaryBuilder into)
    {
        for (var series = 0; series < Series; series++)
        {
            var name = series == Series - 1 ? AreaUnderCurve.Name : $"{MetricOf(series).Name}@{CutoffOf(series)}";
            into.Metrics[name] = users == 0 ? 0 : FixedPoint.Decode((long)numbers[series]) / users;
            foreach (var (quantile, share) in s_quantiles)
            {
                into.Quantiles[$"{name}/{quantile}"] = Quantile(numbers.Slice(FirstBin(series), Bins), share * users);
            }
        }
    }

    private double Value(int series, in UserRanking user) => series == Series - 1
        ? AreaUnderCurve.Value(user.Blocks, user.HeldOut.Items.Length, user.Candidates)
        : MetricOf(series).Value(user.Blocks, user.HeldOut.Items.Length, CutoffOf(series));

    private IRankingMetric MetricOf(int series) => RankingMetrics.All[series / frame.Cutoffs.Length];

    private int CutoffOf(int series) => frame.Cutoffs[series % frame.Cutoffs.Length];

    private int FirstBin(int series) => Series + (series * Bins);

    /// <summary>The lowest bin that at least this many users do not exceed.</summary>
    private static double Quantile(ReadOnlySpan<ulong> bins, double users)
    {
        var (bin, below) = (0, bins[0]);
        while (bin < Bins - 1 && below < users)
        {
            below += bins[++bin];
        }

        return (double)bin / (Bins - 1);
    }
}
