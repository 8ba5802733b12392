using FedRec.Contracts.Recommendations;
using FedRec.Core.Catalogues;

namespace FedRec.Grains.Clients;

/// <summary>The part of a ranking that is wanted, by dense item number.</summary>
internal sealed class WantedItems
{
    private const int MaxCount = 1_000;
    private const int NamedTags = 5;
    private readonly int[] _excluded;
    private readonly HashSet<string> _tags;
    private readonly IReadOnlyList<IReadOnlyList<string>> _tagsOf;

    private WantedItems(int offset, int count, int[] excluded, HashSet<string> tags, FederationCatalogue catalogue) =>
        (Offset, Count, _excluded, _tags, _tagsOf) = (offset, count, excluded, tags, catalogue.Tags);

    /// <summary>The first items of a ranking.</summary>
    public static WantedItems First(FederationCatalogue catalogue, int count) => new(0, count, [], [], catalogue);

    /// <summary>Places to skip.</summary>
    public int Offset { get; }

    /// <summary>Items wanted after them.</summary>
    public int Count { get; }

    /// <summary>Looks items and tags up.</summary>
    /// <param name="catalogue">The items of the run.</param>
    /// <param name="count">Items wanted.</param>
    /// <param name="part">Which part of the ranking; null for its beginning.</param>
    /// <param name="version">The version asked, for the reason.</param>
    /// <param name="refused">What is not in the catalogue, when null is returned.</param>
    /// <exception cref="ArgumentException">A number is out of its range, or too much is named.</exception>
    public static WantedItems? Find(FederationCatalogue catalogue, int count, ListPart? part, long version, out (RecommendationOutcome Outcome, string Reason) refused)
    {
        part ??= new ListPart();
        Check(count, part);
        refused = default;
        var excluded = new int[part.Exclude.Length];
        for (var i = 0; i < excluded.Length; i++)
        {
            if (!catalogue.Items.TryGet(part.Exclude[i], out excluded[i]))
            {
                refused = (RecommendationOutcome.UnknownItem, $"There is no item '{part.Exclude[i]}' to exclude in the catalogue of version {version}.");
                return null;
            }
        }

        if (!part.Tags.IsEmpty)
        {
            var known = catalogue.Tags.SelectMany(tags => tags).CountBy(tag => tag).ToDictionary(StringComparer.Ordinal);
            if (part.Tags.FirstOrDefault(tag => !known.ContainsKey(tag)) is { } unknown)
            {
                refused = (RecommendationOutcome.UnknownTag, $"No item in the catalogue of version {version} has the tag '{unknown}'. {Hint(unknown, known)}");
                return null;
            }
        }

        return new WantedItems(part.Offset, count, excluded, part.Tags.ToHashSet(StringComparer.Ordinal), catalogue);
    }

    /// <summary>Refuses numbers that cannot be.</summary>
    /// <exception cref="ArgumentException">A number is out of its range, or too much is named.</exception>
    public static void Check(int count, ListPart? part)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCount);
        if (part is not null)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(part.Offset, nameof(part));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(part.Offset, ListPart.MostPlaces - count, nameof(part));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(part.Exclude.Length, ListPart.MostExcluded, nameof(part));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(part.Tags.Length, ListPart.MostTags, nameof(part));
        }
    }

    /// <summary>Takes out what is not wanted.</summary>
    /// <param name="scores">One per item; what is not wanted becomes NaN.</param>
    public void Apply(Span<float> scores)
    {
        foreach (var item in _excluded)
        {
            scores[item] = float.NaN;
        }

        for (var item = 0; item < scores.Length && _tags.Count > 0; item++)
        {
            scores[item] = _tagsOf[item].Any(_tags.Contains) ? scores[item] : float.NaN;
        }
    }

    // The tag in other letters, if there is one, and those of most items.
    private static string Hint(string unknown, Dictionary<string, int> known)
    {
        var some = known.OrderBy(tag => !tag.Key.Equals(unknown, StringComparison.OrdinalIgnoreCase)).ThenByDescending(tag => tag.Value).ThenBy(tag => tag.Key, StringComparer.Ordinal)
            .Take(NamedTags).Select(tag => $"'{tag.Key}'").ToList();
        return some.Count == 0 ? "Its items have no tags: data needs a list of items with tags for that."
            : $"Some of its {known.Count} tags: {string.Join(", ", some)}.";
    }
}
