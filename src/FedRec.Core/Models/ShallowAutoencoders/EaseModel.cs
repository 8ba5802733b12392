using System.Collections.Concurrent;

namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>The summed counts of one version; weights are solved when they are first needed, once for all threads.</summary>
internal sealed class EaseModel(ReadOnlyMemory<float> parameters, EaseSettings settings, ICoOccurrences counts, int statistics, int items) : PreparedModel(parameters)
{
    private const int LongestShortlist = 2_000;
    private readonly ConcurrentDictionary<(double Lambda, double Dropout), Lazy<IItemWeights>> _voted = new();
    private readonly Lazy<float[]> _popularity = new(() =>
    {
        var popularity = new float[items];
        counts.Counts(parameters.Span, popularity);
        for (var item = 0; item < items; item++)
        {
            popularity[item] /= (float)settings.Unit;
        }

        return popularity;
    });

    private Lazy<IItemWeights>? _weights;
    private Lazy<(ICoOccurrences Counts, float[] Statistics, int[] Items)>? _shortlist;

    /// <summary>What stands behind the counts.</summary>
    public EaseSettings Settings => settings;

    /// <summary>Whether anybody's items are in it.</summary>
    public bool IsEmpty => Parameters.Span[..statistics].IndexOfAnyExcept(0f) < 0;

    /// <summary>Users who have met each item.</summary>
    public ReadOnlySpan<float> Popularity => _popularity.Value;

    /// <summary>The items that votes are about, ascending: all, or the 2,000 that most users have met.</summary>
    public ReadOnlySpan<int> Shortlist => Listed.Items;

    private (ICoOccurrences Counts, float[] Statistics, int[] Items) Listed => LazyInitializer.EnsureInitialized(
        ref _shortlist, () => new Lazy<(ICoOccurrences, float[], int[])>(MakeShortlist)).Value;

    /// <summary>The weights.</summary>
    /// <param name="lambda">λ, more than 0.</param>
    /// <param name="dropout">Share of a user's items taken as unknown.</param>
    public IItemWeights Weights(double lambda, double dropout) => LazyInitializer.EnsureInitialized(
        ref _weights, () => new Lazy<IItemWeights>(() => counts.Solve(Parameters.Span, settings.Unit, Penalties(Popularity, lambda, dropout)))).Value;

    /// <summary>The weights of the short list under a candidate's settings, by the items' places in it.</summary>
    public IItemWeights Voted(double lambda, double dropout) => _voted.GetOrAdd((lambda, dropout), key => new Lazy<IItemWeights>(() =>
    {
        var (among, sums, list) = Listed;
        var popularity = Array.ConvertAll(list, item => Popularity[item]);
        return among.Solve(sums, settings.Unit, Penalties(popularity, key.Lambda, key.Dropout));
    })).Value;

    private (ICoOccurrences, float[], int[]) MakeShortlist()
    {
        var all = Enumerable.Range(0, items).ToArray();
        if (counts is not PairCounts pairs || items <= LongestShortlist)
        {
            return (counts, Parameters.Span[..statistics].ToArray(), all);
        }

        int[] list = [.. all.OrderByDescending(item => _popularity.Value[item]).ThenBy(item => item).Take(LongestShortlist).Order()];
        return (new PairCounts(list.Length), pairs.Among(Parameters.Span, list), list);
    }

    // Predicting an item from others of which a share p is dropped at random adds p / (1 − p) times an item's count to its penalty
    // (Steck 2020, "Autoencoders that don't overfit towards the identity", §3.1).
    private static double[] Penalties(ReadOnlySpan<float> popularity, double lambda, double dropout)
    {
        var penalties = new double[popularity.Length];
        for (var item = 0; item < penalties.Length; item++)
        {
            penalties[item] = lambda + (dropout / (1 - dropout) * popularity[item]);
        }

        return penalties;
    }
}
