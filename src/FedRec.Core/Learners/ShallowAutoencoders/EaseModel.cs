using System.Collections.Concurrent;
using System.Globalization;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Snapshots;

namespace FedRec.Core.Learners.ShallowAutoencoders;

/// <summary>The summed counts of one version; weights are solved when they are first needed, once for all threads.</summary>
/// <param name="parameters">The version's values.</param>
/// <param name="phase">Where the run stands with them.</param>
/// <param name="settings">What stands behind the counts.</param>
/// <param name="itemDropout">Where users did not choose it.</param>
/// <param name="counts">What the counts are of.</param>
/// <param name="statistics">Their number.</param>
/// <param name="items">Items of the catalogue.</param>
internal sealed class EaseModel(ReadOnlyMemory<float> parameters, LearningPhase phase, EaseSettings settings, double itemDropout, ICoOccurrences counts, int statistics, int items)
    : PreparedModel(parameters, phase), IDerivedWeights
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

    private readonly Lazy<bool> _isEmpty = new(() => parameters.Span[..statistics].IndexOfAnyExcept(0f) < 0);
    private Lazy<Task<IItemWeights>>? _weights;
    private Lazy<(ICoOccurrences Counts, float[] Statistics, int[] Items)>? _shortlist;

    /// <inheritdoc/>
    public override IDerivedWeights? Derived => IsEmpty ? null : this;

    /// <inheritdoc/>
    public bool IsReady => _weights is { IsValueCreated: true, Value.IsCompletedSuccessfully: true };

    /// <inheritdoc/>
    public string? Work => items < 2 * LongestShortlist ? null : string.Create(CultureInfo.InvariantCulture, $"solving for the weights of {items:N0} items");

    /// <summary>What stands behind the counts.</summary>
    public EaseSettings Settings => settings;

    /// <summary>Whether anybody's items are in it.</summary>
    public bool IsEmpty => _isEmpty.Value;

    /// <summary>Users who have met each item.</summary>
    public ReadOnlySpan<float> Popularity => _popularity.Value;

    /// <summary>The items that votes are about, ascending: all, or the 2,000 that most users have met.</summary>
    public ReadOnlySpan<int> Shortlist => Listed.Items;

    private (ICoOccurrences Counts, float[] Statistics, int[] Items) Listed => LazyInitializer.EnsureInitialized(
        ref _shortlist, () => new Lazy<(ICoOccurrences, float[], int[])>(MakeShortlist)).Value;

    /// <summary>The weights; whoever needs them first waits until they are solved for.</summary>
    public IItemWeights Weights => Solved.GetAwaiter().GetResult();

    private Task<IItemWeights> Solved => LazyInitializer.EnsureInitialized(
        ref _weights, () => new Lazy<Task<IItemWeights>>(() => Task.Factory.StartNew(Solve, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).Value;

    /// <inheritdoc/>
    public Task DeriveAsync() => Solved;

    /// <inheritdoc/>
    public ModelSnapshot ToSnapshot() => IsReady ? Weights.ToSnapshot() : throw new InvalidOperationException("The weights are not solved for yet.");

    /// <inheritdoc/>
    public void Take(ModelSnapshot snapshot)
    {
        var weights = Task.FromResult(counts.Read(snapshot));
        _weights = new Lazy<Task<IItemWeights>>(weights);
    }

    /// <summary>The weights of the short list under a candidate's settings, by the items' places in it.</summary>
    public IItemWeights Voted(double lambda, double dropout) => _voted.GetOrAdd((lambda, dropout), key => new Lazy<IItemWeights>(() =>
    {
        var (among, sums, list) = Listed;
        var popularity = Array.ConvertAll(list, item => Popularity[item]);
        return among.Solve(sums, settings.Unit, Penalties(popularity, key.Lambda, key.Dropout), isKept: false);
    })).Value;

    private IItemWeights Solve()
    {
        var lambda = settings.Lambda > 0 ? settings.Lambda : EaseVote.WhenUndecided;
        return counts.Solve(Parameters.Span, settings.Unit, Penalties(Popularity, lambda, settings.ItemDropout > 0 ? settings.ItemDropout : itemDropout), isKept: true);
    }

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
