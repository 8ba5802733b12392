using System.Numerics;
using FedRec.Core.Aggregation;

namespace FedRec.Core.Evaluation;

/// <summary>What clients report of an evaluation: sums, histograms and covered items, but no user's result by itself.</summary>
/// <remarks>Whole numbers only, so that sums of sums are exact in any order. All numbers lie in one array: users · sums (in
/// <see cref="FixedPoint"/>) · histogram bins, which are added; then bitmaps of covered items, which are united. Not thread-safe.</remarks>
public sealed class MetricSums
{
    private const int Bins = 201; // steps of 0.005; 0 and 1 are exact
    private static readonly (string Name, double Share)[] s_quantiles = [("p10", 0.1), ("p50", 0.5), ("p90", 0.9)];
    private readonly int[] _cutoffs;
    private readonly ulong[] _numbers;
    private readonly int _firstWord;

    /// <summary>Makes empty sums.</summary>
    /// <param name="itemCount">Items of the catalogue, at least 1.</param>
    /// <param name="cutoffs">Values of K, different ones, each 1 to <see cref="RankingMetrics.MaxCutoff"/>.</param>
    /// <exception cref="ArgumentException">There is no cutoff, or one is out of range or there twice.</exception>
    public MetricSums(int itemCount, IReadOnlyList<int> cutoffs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(itemCount, 1);
        if (cutoffs.Count == 0 || cutoffs.Any(k => k is < 1 or > RankingMetrics.MaxCutoff) || cutoffs.Distinct().Count() < cutoffs.Count)
        {
            throw new ArgumentException($"The cutoffs [{string.Join(", ", cutoffs)}] must be different numbers from 1 to {RankingMetrics.MaxCutoff}.", nameof(cutoffs));
        }

        (_cutoffs, ItemCount, MaxCutoff) = ([.. cutoffs], itemCount, cutoffs.Max());
        _firstWord = 1 + (Series * (1 + Bins));
        _numbers = new ulong[_firstWord + (_cutoffs.Length * Words)];
    }

    /// <summary>Items of the catalogue.</summary>
    public int ItemCount { get; }

    /// <summary>The largest K.</summary>
    public int MaxCutoff { get; }

    /// <summary>Users counted.</summary>
    public long Users => (long)_numbers[0];

    private int Series => RankingMetrics.All.Count * _cutoffs.Length;

    private int Words => (ItemCount + 63) / 64;

    /// <summary>Counts one user.</summary>
    /// <param name="blocks">Where the held-out items rank.</param>
    /// <param name="relevant">Number of held-out items.</param>
    /// <param name="top">The first items of the ranking, up to <see cref="MaxCutoff"/>.</param>
    internal void AddUser(ReadOnlySpan<TieBlock> blocks, int relevant, ReadOnlySpan<int> top)
    {
        _numbers[0]++;
        for (var series = 0; series < Series; series++)
        {
            var value = Math.Clamp(MetricOf(series).Value(blocks, relevant, CutoffOf(series)), 0, 1);
            _numbers[1 + series] += (ulong)FixedPoint.Encode(value);
            _numbers[FirstBin(series) + (int)Math.Round(value * (Bins - 1))]++;
        }

        for (var c = 0; c < _cutoffs.Length; c++)
        {
            foreach (var item in top[..Math.Min(top.Length, _cutoffs[c])])
            {
                _numbers[_firstWord + (c * Words) + (item >> 6)] |= 1UL << item;
            }
        }
    }

    /// <summary>Adds other sums of the same catalogue and cutoffs.</summary>
    /// <exception cref="ArgumentException">They differ.</exception>
    public void Add(MetricSums other)
    {
        if (other.ItemCount != ItemCount || !other._cutoffs.AsSpan().SequenceEqual(_cutoffs))
        {
            throw new ArgumentException("The sums are of another catalogue or of other cutoffs.", nameof(other));
        }

        for (var i = 0; i < _numbers.Length; i++)
        {
            Merge(i, other._numbers[i]);
        }
    }

    /// <summary>Adds sums that travelled as <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are not sums of the same catalogue and cutoffs.</exception>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var reader = new SparseNumbersReader(bytes, _numbers.Length);
        while (reader.Read(out var index, out var number))
        {
            Merge(index, number);
        }
    }

    /// <summary>The numbers as bytes; what is zero takes no space, so one user's sums are short.</summary>
    public byte[] ToBytes() => SparseNumbersWriter.Write(_numbers);

    /// <summary>Means, coverage and quantiles of what was added.</summary>
    public EvaluationSummary Finish()
    {
        var metrics = new SortedDictionary<string, double>(StringComparer.Ordinal);
        var quantiles = new SortedDictionary<string, double>(StringComparer.Ordinal);
        for (var series = 0; series < Series; series++)
        {
            var name = $"{MetricOf(series).Name}@{CutoffOf(series)}";
            metrics[name] = Users == 0 ? 0 : FixedPoint.Decode((long)_numbers[1 + series]) / Users;
            foreach (var (quantile, share) in s_quantiles)
            {
                quantiles[$"{name}/{quantile}"] = Quantile(series, share);
            }
        }

        for (var c = 0; c < _cutoffs.Length; c++)
        {
            metrics[$"coverage@{_cutoffs[c]}"] = (double)_numbers.AsSpan(_firstWord + (c * Words), Words).ToArray().Sum(BitOperations.PopCount) / ItemCount;
        }

        return new EvaluationSummary(Users, metrics, quantiles);
    }

    private IRankingMetric MetricOf(int series) => RankingMetrics.All[series / _cutoffs.Length];

    private int CutoffOf(int series) => _cutoffs[series % _cutoffs.Length];

    private int FirstBin(int series) => 1 + Series + (series * Bins);

    private void Merge(int index, ulong number) =>
        _numbers[index] = index < _firstWord ? _numbers[index] + number : _numbers[index] | number;

    /// <summary>The lowest bin that at least this share of the users does not exceed.</summary>
    private double Quantile(int series, double share)
    {
        var (bin, below) = (0, _numbers[FirstBin(series)]);
        while (bin < Bins - 1 && below < share * Users)
        {
            below += _numbers[FirstBin(series) + ++bin];
        }

        return (double)bin / (Bins - 1);
    }
}
