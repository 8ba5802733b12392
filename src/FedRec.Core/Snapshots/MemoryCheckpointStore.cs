using System.Collections.Concurrent;

namespace FedRec.Core.Snapshots;

/// <summary>A checkpoint store that forgets everything with the process; for <c>--storage memory</c> and for tests.</summary>
public sealed class MemoryCheckpointStore : ICheckpointStore
{
    private readonly ConcurrentDictionary<CheckpointKey, byte[]> _contents = new();

    /// <summary>What is kept at this moment.</summary>
    public IReadOnlyCollection<CheckpointKey> Keys => [.. _contents.Keys];

    /// <inheritdoc/>
    public Task SaveAsync(CheckpointKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        key.ThrowUnlessValid();
        ModelKey.CheckContent(key.Sha256, content.Span);
        cancellationToken.ThrowIfCancellationRequested();
        _contents.TryAdd(key, content.ToArray());
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>> LoadAsync(CheckpointKey key, CancellationToken cancellationToken = default) =>
        _contents.TryGetValue(key, out var content)
            ? Task.FromResult<ReadOnlyMemory<byte>>(content)
            : throw new FileNotFoundException($"Run {key.Run} of federation '{key.Federation}' has no checkpoint of round {key.Round} with SHA-256 {key.Sha256}.");

    /// <inheritdoc/>
    public Task DeleteAsync(CheckpointKey key, CancellationToken cancellationToken = default)
    {
        _contents.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task DeleteAllAsync(string federation, string run, CancellationToken cancellationToken = default)
    {
        foreach (var key in _contents.Keys.Where(key => key.Federation == federation && key.Run == run))
        {
            _contents.TryRemove(key, out _);
        }

        return Task.CompletedTask;
    }
}
