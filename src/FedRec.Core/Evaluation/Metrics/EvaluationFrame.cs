using System.Collections.Immutable;
using FedRec.Core.Catalogues;

namespace FedRec.Core.Evaluation.Metrics;

/// <summary>What is measured, and what every client must know for it of the federation as a whole: popularity of the items,
/// their tags, and how much users have met. Nothing in it is about a single user. Immutable.</summary>
/// <remarks>Popularity and the bounds of the activity groups are sums and quantiles over users, so that a federation whose
/// silos do not hold all data can work them out the way it works out everything else.</remarks>
public sealed class EvaluationFrame
{
    private EvaluationFrame(int itemCount, ItemTags? tags, Data.Features.LabelTask? task, IReadOnlyList<int> cutoffs, bool sampled)
    {
        (ItemCount, Cutoffs, Tags, Task, Sampled) = (itemCount, [.. cutoffs], tags, task, sampled);
        MaxCutoff = Cutoffs.Max();
        MainCutoff = Cutoffs.Contains(10) ? 10 : MaxCutoff;
    }

    /// <summary>What is predicted, for a labelled table, of which other things are measured; null for interactions.</summary>
    public Data.Features.LabelTask? Task { get; }

    /// <summary>Items of the catalogue.</summary>
    public int ItemCount { get; }

    /// <summary>Values of K, different ones, in the order in which they were given.</summary>
    public ImmutableArray<int> Cutoffs { get; }

    /// <summary>The largest K.</summary>
    public int MaxCutoff { get; }

    /// <summary>The K of what is shown for groups of users and items: 10 where it is measured, else the largest.</summary>
    public int MainCutoff { get; }

    /// <summary>How often items occur in training; null where nobody knows, as each client keeps its data itself.</summary>
    public ItemPopularity? Popularity { get; private init; }

    /// <summary>Tags of the items; null when none are known.</summary>
    public ItemTags? Tags { get; }

    /// <summary>Users by the length of their histories; null where nobody knows how they are spread.</summary>
    public QuantileGroups? Activity { get; private init; }

    /// <summary>Users by how long they have been there; null when that is not known.</summary>
    public TenureGroups? Tenure { get; private init; }

    /// <summary>Whether held-out items are ranked among sampled items too.</summary>
    public bool Sampled { get; }

    /// <summary>The frame of a split.</summary>
    /// <param name="split">What is ranked.</param>
    /// <param name="cutoffs">Values of K, different ones, each 1 to <see cref="RankingMetrics.MaxCutoff"/>.</param>
    /// <param name="sampled">Whether to add the metrics among sampled items, for comparison with papers that report them. Default: false.</param>
    /// <exception cref="ArgumentException">There is no cutoff, or one is out of range or there twice; or no item.</exception>
    public static EvaluationFrame Of(EvaluationSplit split, IReadOnlyList<int> cutoffs, bool sampled = false)
    {
        Check(split.ItemCount, cutoffs);
        return new EvaluationFrame(split.ItemCount, split.Tags, split.Task, cutoffs, sampled)
        {
            Popularity = ItemPopularity.Of(split.Train, split.ItemCount),
            Activity = QuantileGroups.OfActivity(split),
            Tenure = TenureGroups.Of(split),
        };
    }

    /// <summary>The frame where nothing is known of all users together: without novelty, popularity, and groups by what others have met.</summary>
    /// <param name="catalogue">The items.</param>
    /// <param name="cutoffs">As above.</param>
    /// <param name="sampled">As above.</param>
    /// <exception cref="ArgumentException">As above.</exception>
    public static EvaluationFrame Of(FederationCatalogue catalogue, IReadOnlyList<int> cutoffs, bool sampled = false)
    {
        Check(catalogue.Items.Count, cutoffs);
        return new EvaluationFrame(catalogue.Items.Count, ItemTags.Of(catalogue.Entries), task: null, cutoffs, sampled);
    }

    /// <summary>Whether sums made under both may be added.</summary>
    internal bool Fits(EvaluationFrame other) => Task == other.Task && ItemCount == other.ItemCount && Cutoffs.AsSpan().SequenceEqual(other.Cutoffs.AsSpan());

    private static void Check(int itemCount, IReadOnlyList<int> cutoffs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(itemCount, 1);
        if (cutoffs.Count == 0 || cutoffs.Any(k => k is < 1 or > RankingMetrics.MaxCutoff) || cutoffs.Distinct().Count() < cutoffs.Count)
        {
            throw new ArgumentException($"The cutoffs [{string.Join(", ", cutoffs)}] must be different numbers from 1 to {RankingMetrics.MaxCutoff}.", nameof(cutoffs));
        }
    }
}
