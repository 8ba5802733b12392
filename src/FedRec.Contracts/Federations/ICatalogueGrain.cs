using System.Collections.Immutable;
using Orleans.Concurrency;

namespace FedRec.Contracts.Federations;

/// <summary>The items of a federation whose clients keep their data themselves; the key is the federation's name.</summary>
/// <remarks>Public. Items are numbered from 0 as they come, and a number is never given twice. What is corrected of an item is appended beside: the first n items with
/// the first r corrections are a version of the catalogue. Both are stored in segments of <see cref="SegmentSize"/>: a full one as content of its own that is named by its hash and never written again, the
/// last one with what points at them.</remarks>
[Alias("fedrec.catalogue")]
public interface ICatalogueGrain : IGrainWithStringKey
{
    /// <summary>Items of a full segment.</summary>
    const int SegmentSize = 1_024;

    /// <summary>Takes items in, in the order given; durable when it returns. May be repeated. An item that is known keeps its number, and its title and tags where
    /// none are given or the title is its id; others are a correction, which is shown within a second and learned from by the next run.</summary>
    /// <returns>Number of items now.</returns>
    [Alias("add")]
    Task<int> AddAsync(ImmutableArray<CatalogueItem> items, CancellationToken cancellationToken = default);

    /// <summary>Number of items.</summary>
    [Alias("count"), AlwaysInterleave]
    Task<int> CountAsync(CancellationToken cancellationToken = default);

    /// <summary>Number of corrections.</summary>
    [Alias("count-corrections"), AlwaysInterleave]
    Task<int> CountCorrectionsAsync(CancellationToken cancellationToken = default);

    /// <summary>Where the items are, as they are now. Silos read full segments from the store.</summary>
    [Alias("pointer"), AlwaysInterleave]
    Task<CataloguePointer> ReadAsync(CancellationToken cancellationToken = default);
}

/// <summary>Where the items of a catalogue are.</summary>
/// <param name="Items">The items as they came, in the order of their numbers.</param>
/// <param name="Corrections">What was corrected of them later, in order: the whole item.</param>
[GenerateSerializer, Immutable, Alias("fedrec.catalogue-pointer")]
public sealed record CataloguePointer(
    [property: Id(0)] CatalogueLog Items,
    [property: Id(1)] CatalogueLog Corrections)
{
    /// <summary>Of a catalogue without items.</summary>
    public static CataloguePointer Empty { get; } = new(new CatalogueLog([], []), new CatalogueLog([], []));
}

/// <summary>A list that is only appended to.</summary>
/// <param name="Segments">SHA-256 of each full segment; content of the store.</param>
/// <param name="Tail">What came after them, less than a segment.</param>
[GenerateSerializer, Immutable, Alias("fedrec.catalogue-log")]
public sealed record CatalogueLog(
    [property: Id(0)] ImmutableArray<string> Segments,
    [property: Id(1)] ImmutableArray<CatalogueItem> Tail)
{
    /// <summary>Its length.</summary>
    public int Count => (Segments.Length * ICatalogueGrain.SegmentSize) + Tail.Length;
}

/// <summary>What is known of an item.</summary>
/// <param name="Id">Original id.</param>
/// <param name="Title">Its title; null for its id.</param>
/// <param name="Tags">Genres, categories.</param>
[GenerateSerializer, Immutable, Alias("fedrec.catalogue-item")]
public sealed record CatalogueItem(
    [property: Id(0)] string Id,
    [property: Id(1)] string? Title,
    [property: Id(2)] ImmutableArray<string> Tags);
