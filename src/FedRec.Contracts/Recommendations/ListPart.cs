using System.Collections.Immutable;

namespace FedRec.Contracts.Recommendations;

/// <summary>Which part of a ranking is wanted: what is left out, and where the page begins.</summary>
/// <remarks>Items are left out before places are counted, and all others keep their order: the page of offset o and k items is the places o + 1 to
/// o + k of one long list, to the last byte, and ranks go on from page to page.</remarks>
[GenerateSerializer, Immutable, Alias("fedrec.list-part")]
public sealed record ListPart
{
    /// <summary>Places down to which a ranking can be read: the offset and the items wanted may add up to so many.</summary>
    public const int MostPlaces = 10_000;

    /// <summary>Items that may be excluded.</summary>
    public const int MostExcluded = 10_000;

    /// <summary>Tags that may be given.</summary>
    public const int MostTags = 100;

    /// <summary>Original ids of items that are not wanted; one that is not in the catalogue is refused, as everywhere. Default: none.</summary>
    [Id(0)] public ImmutableArray<string> Exclude { get; init; } = [];

    /// <summary>Only items with one of these tags, as they are written in the catalogue; none for all items. Default: none.</summary>
    [Id(1)] public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Places to skip. Default: 0.</summary>
    [Id(2)] public int Offset { get; init; }
}
