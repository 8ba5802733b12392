namespace FedRec.Core.Data;

/// <summary>What one user has met, as a recommender sees it; a view that holds nothing itself.</summary>
/// <param name="items">Dense item numbers, ascending and without repeats; may be empty.</param>
/// <param name="ratings">Beside <paramref name="items"/>, or empty when there are none.</param>
/// <param name="features">One value for each column of the users' <see cref="Features.FeatureSchema"/>, or empty when none are known.</param>
/// <param name="weights">What each of <paramref name="items"/> counts, above 0; or empty when each counts 1.</param>
/// <param name="ages">How many of <paramref name="items"/> are newer than each, see <see cref="Data.Ages"/>; or empty when their order is not known.</param>
/// <param name="times">When each of <paramref name="items"/> was met, in the unit of the data; or empty when it is not known.</param>
public readonly ref struct UserHistory(
    ReadOnlySpan<int> items, ReadOnlySpan<float> ratings = default, ReadOnlySpan<float> features = default, ReadOnlySpan<float> weights = default,
    ReadOnlySpan<float> ages = default, ReadOnlySpan<long> times = default)
{
    /// <summary>Dense item numbers, ascending and without repeats.</summary>
    public ReadOnlySpan<int> Items { get; } = items;

    /// <summary>Ratings beside <see cref="Items"/>; empty when there are none.</summary>
    public ReadOnlySpan<float> Ratings { get; } = ratings;

    /// <summary>The user's features as <see cref="Features.FeatureTable.Row"/> gives them; empty when none are known.</summary>
    public ReadOnlySpan<float> Features { get; } = features;

    /// <summary>What each of <see cref="Items"/> counts; empty when each counts 1.</summary>
    public ReadOnlySpan<float> Weights { get; } = weights;

    /// <summary>How many of <see cref="Items"/> are newer than each, see <see cref="Data.Ages"/>; empty when their order is not known.</summary>
    public ReadOnlySpan<float> Ages { get; } = ages;

    /// <summary>When each of <see cref="Items"/> was met, in the unit of the data; empty when it is not known.</summary>
    public ReadOnlySpan<long> Times { get; } = times;

    /// <summary>Items without ratings.</summary>
    public static implicit operator UserHistory(ReadOnlySpan<int> items) => new(items);

    /// <summary>Items without ratings.</summary>
    public static implicit operator UserHistory(Span<int> items) => new(items);

    /// <summary>Items without ratings.</summary>
    public static implicit operator UserHistory(int[] items) => new(items);
}
