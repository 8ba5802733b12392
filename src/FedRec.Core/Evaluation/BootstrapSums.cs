using System.Collections.Immutable;
using FedRec.Core.Aggregation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Randomness;

namespace FedRec.Core.Evaluation;

/// <summary>What clients report of a comparison of two models: for each metric both sums and, for each replicate of a paired
/// bootstrap, the weighted sum of the users' differences. No user's result by itself. Not thread-safe.</summary>
/// <remarks>Whole numbers only, so sums of sums are exact in any order. Users are resampled in pairs: a user's two results carry
/// the same weight (Efron and Tibshirani 1993, chapter 8; for ranking metrics Sakai 2006), drawn as <see cref="PoissonWeights"/> says.</remarks>
public sealed class BootstrapSums : IEvaluationSums
{
    /// <summary>Replicates of a comparison unless said otherwise.</summary>
    public const int DefaultReplicates = 1_000;

    private const double Tail = 0.025; // of a two-sided 95 % interval
    private readonly ulong _seed;
    private readonly int[] _weights;
    private readonly ulong[] _numbers; // users · sums of the first · of the second · weights by replicate · differences by metric and replicate

    /// <summary>Makes empty sums.</summary>
    /// <param name="metrics">Names of the metrics.</param>
    /// <param name="replicates">Resamples, at least 40 for the ends of the interval. Default: 1,000.</param>
    /// <param name="seed">Equal seeds give equal resamples. Default: 0.</param>
    public BootstrapSums(ImmutableArray<string> metrics, int replicates = DefaultReplicates, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 40);
        (Metrics, _seed, _weights) = (metrics, seed, new int[replicates]);
        _numbers = new ulong[1 + (2 * metrics.Length) + ((1 + metrics.Length) * replicates)];
    }

    /// <summary>Names of the metrics.</summary>
    public ImmutableArray<string> Metrics { get; }

    /// <summary>Users counted.</summary>
    public long Users => (long)_numbers[0];

    private int Replicates => _weights.Length;

    private int FirstWeight => 1 + (2 * Metrics.Length);

    /// <summary>Counts one user.</summary>
    /// <param name="user">Dense user number; decides the weights.</param>
    /// <param name="first">The first model's value of each metric, in [0, 1].</param>
    /// <param name="second">The second model's.</param>
    public void Add(int user, ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        PoissonWeights.Fill(_seed, user, _weights);
        _numbers[0]++;
        AddWeighted(1, _numbers.AsSpan(FirstWeight, Replicates));
        for (var m = 0; m < Metrics.Length; m++)
        {
            var (a, b) = (FixedPoint.Encode(first[m]), FixedPoint.Encode(second[m]));
            _numbers[1 + m] += (ulong)a;
            _numbers[1 + Metrics.Length + m] += (ulong)b;
            if (a != b)
            {
                AddWeighted(a - b, _numbers.AsSpan(FirstWeight + ((1 + m) * Replicates), Replicates));
            }
        }
    }

    /// <summary>Adds sums that travelled as <see cref="ToBytes"/>.</summary>
    /// <exception cref="InvalidDataException">The bytes are not sums of as many metrics and replicates.</exception>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var reader = new SparseNumbersReader(bytes, _numbers.Length);
        while (reader.Read(out var index, out var number))
        {
            _numbers[index] = unchecked(_numbers[index] + number);
        }
    }

    /// <summary>The numbers as bytes.</summary>
    public byte[] ToBytes() => SparseNumbersWriter.Write(_numbers);

    /// <summary>Means and percentile intervals; all 0 without users.</summary>
    public IReadOnlyList<PairedDifference> Finish() => [.. Enumerable.Range(0, Metrics.Length).Select(Finish)];

    private PairedDifference Finish(int metric)
    {
        var replicates = new List<double>(Replicates);
        for (var r = 0; r < Replicates; r++)
        {
            var weight = _numbers[FirstWeight + r];
            if (weight > 0) // of very few users a resample may hold none
            {
                replicates.Add(FixedPoint.Decode((long)_numbers[FirstWeight + ((1 + metric) * Replicates) + r]) / weight);
            }
        }

        replicates.Sort();
        var outside = (int)(Tail * replicates.Count);
        var (low, high) = replicates.Count == 0 ? (0, 0) : (replicates[outside], replicates[^(outside + 1)]);
        return new PairedDifference(Metrics[metric], Mean(1 + metric), Mean(1 + Metrics.Length + metric), low, high);
    }

    private double Mean(int index) => Users == 0 ? 0 : FixedPoint.Decode((long)_numbers[index]) / Users;

    private void AddWeighted(long value, Span<ulong> sums)
    {
        for (var r = 0; r < _weights.Length; r++)
        {
            sums[r] = unchecked(sums[r] + (ulong)(value * _weights[r])); // two's complement: negative differences add up too
        }
    }
}

/// <summary>How often a user is in a resample of the bootstrap, without anybody drawing a resample: Poisson with mean 1.</summary>
/// <remarks>Drawing n of n users with replacement gives each a binomial count, which is nearly Poisson(1) and nearly independent
/// of the others' (Chamandy et al. 2012, "Estimating Uncertainty for Massive Data Streams"). So each client finds its own
/// users' weights from a common seed, and the resamples are the same however users are spread over clients and silos.</remarks>
internal static class PoissonWeights
{
    // Chances of at most 0, 1, 2, … with mean 1, in units of 2⁻³²; what lies above the last is rarer than one in 2³².
    private static readonly uint[] s_atMost = Distribution();

    /// <summary>The weights of one user.</summary>
    /// <param name="seed">Seed of the comparison.</param>
    /// <param name="user">Dense user number.</param>
    /// <param name="weights">Receives one weight per replicate.</param>
    public static void Fill(ulong seed, int user, Span<int> weights)
    {
        var random = SeedSequence.For(seed, "bootstrap", user);
        for (var replicate = 0; replicate < weights.Length; replicate++)
        {
            var draw = (uint)(random.NextUInt64() >> 32);
            var weight = 0;
            while (weight < s_atMost.Length && draw >= s_atMost[weight])
            {
                weight++;
            }

            weights[replicate] = weight;
        }
    }

    private static uint[] Distribution()
    {
        var bounds = new List<uint>();
        var (chance, sum) = (Math.Exp(-1), 0.0);
        for (var weight = 1; Math.Round((sum + chance) * (1L << 32)) < uint.MaxValue; weight++)
        {
            sum += chance;
            chance /= weight;
            bounds.Add((uint)Math.Round(sum * (1L << 32)));
        }

        return [.. bounds];
    }
}
