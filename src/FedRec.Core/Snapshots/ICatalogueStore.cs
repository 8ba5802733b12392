using System.Collections.Concurrent;

namespace FedRec.Core.Snapshots;

/// <summary>Keeps the full segments of catalogues: public, named by their hashes, and never written again.</summary>
/// <remarks>A segment is written first, then what points at it, so every call may be repeated. Safe to call from many threads.</remarks>
public interface ICatalogueStore
{
    /// <summary>Saves a segment; durable when it returns. Saving the same one again does nothing.</summary>
    /// <param name="federation">Name of the federation, as <see cref="ModelKey.CheckFederation"/> allows it.</param>
    /// <param name="sha256">Lower-case hexadecimal SHA-256 of <paramref name="content"/>.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="cancellationToken">Ends the wait; the segment may have been stored.</param>
    /// <exception cref="ArgumentException"><paramref name="sha256"/> is not the hash of the content.</exception>
    Task SaveAsync(string federation, string sha256, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Loads a segment and checks its hash.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidDataException">Its bytes are damaged.</exception>
    Task<ReadOnlyMemory<byte>> LoadAsync(string federation, string sha256, CancellationToken cancellationToken = default);
}

/// <summary>A store of catalogues that forgets everything with the process; for <c>--storage memory</c> and for tests.</summary>
public sealed class MemoryCatalogueStore : ICatalogueStore
{
    private readonly ConcurrentDictionary<(string Federation, string Sha256), byte[]> _contents = new();

    /// <summary>What is kept at this moment.</summary>
    public IReadOnlyCollection<(string Federation, string Sha256)> Keys => [.. _contents.Keys];

    /// <inheritdoc/>
    public Task SaveAsync(string federation, string sha256, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        ModelKey.CheckFederation(federation);
        ModelKey.CheckContent(sha256, content.Span);
        cancellationToken.ThrowIfCancellationRequested();
        _contents.TryAdd((federation, sha256), content.ToArray());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>> LoadAsync(string federation, string sha256, CancellationToken cancellationToken = default) =>
        _contents.TryGetValue((federation, sha256), out var content)
            ? Task.FromResult<ReadOnlyMemory<byte>>(content)
            : throw new FileNotFoundException($"Federation '{federation}' has no catalogue segment with SHA-256 {sha256}.");
}
