using System.Collections.Immutable;
using Orleans.Concurrency;

namespace FedRec.Contracts.Federations;

/// <summary>The items of a federation whose clients keep their data themselves; the key is the federation's name.</summary>
/// <remarks>Public. Items are numbered from 0 as they come, and a number is never given twice: the first n items are the catalogue's version n.
/// It is stored in segments of <see cref="SegmentSize"/> items; a full one is never written again.</remarks>
[Alias("fedrec.catalogue")]
public interface ICatalogueGrain : IGrainWithStringKey
{
    /// <summary>Items of a full segment.</summary>
    const int SegmentSize = 1_024;

    /// <summary>Takes items in, in the order given; durable when it returns. May be repeated: an item that is known stays as it is.</summary>
    /// <returns>Number of items now.</returns>
    [Alias("add")]
    Task<int> AddAsync(ImmutableArray<CatalogueItem> items, CancellationToken cancellationToken = default);

    /// <summary>Number of items.</summary>
    [Alias("count"), AlwaysInterleave]
    Task<int> CountAsync(CancellationToken cancellationToken = default);

    /// <summary>A segment as it is now.</summary>
    /// <param name="number">From 0; items of segment s have numbers from s times <see cref="SegmentSize"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [Alias("read"), AlwaysInterleave]
    Task<ImmutableArray<CatalogueItem>> ReadAsync(int number, CancellationToken cancellationToken = default);
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
