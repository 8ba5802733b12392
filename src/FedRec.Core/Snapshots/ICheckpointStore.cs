using System.Collections.Concurrent;

namespace FedRec.Core.Snapshots;

/// <summary>Keeps what runs need to go on after a crash. Nothing of it is ever served, and all of it is gone when its run has ended.</summary>
/// <remarks>Content is named by its hash and written once, so every call may be repeated. Safe to call from many threads.</remarks>
public interface ICheckpointStore
{
    /// <summary>Saves a checkpoint; durable when it returns. Saving the same one again does nothing.</summary>
    /// <param name="key">What it is; its hash must be that of the content.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task SaveAsync(CheckpointKey key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Loads a checkpoint.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidDataException">Its bytes are damaged.</exception>
    Task<ReadOnlyMemory<byte>> LoadAsync(CheckpointKey key, CancellationToken cancellationToken = default);

    /// <summary>Deletes one; does nothing when it is not there.</summary>
    Task DeleteAsync(CheckpointKey key, CancellationToken cancellationToken = default);

    /// <summary>Deletes all checkpoints of a run, also those that nothing points at.</summary>
    /// <param name="federation">Name of the federation.</param>
    /// <param name="run">Id of the run within it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    Task DeleteAllAsync(string federation, string run, CancellationToken cancellationToken = default);
}

/// <summary>Names a checkpoint.</summary>
/// <param name="Federation">Name of the federation, as <see cref="ModelKey.CheckFederation"/> allows it.</param>
/// <param name="Run">Id of the run within it, such as <c>run-3</c>.</param>
/// <param name="Round">Rounds done, at least 1.</param>
/// <param name="Sha256">Hash of the content.</param>
public sealed record CheckpointKey(string Federation, string Run, int Round, string Sha256)
{
    /// <summary>Checks all parts.</summary>
    /// <exception cref="ArgumentException">A part breaks its rule.</exception>
    public void ThrowUnlessValid()
    {
        ModelKey.CheckFederation(Federation);
        ModelKey.CheckName(Run);
        ArgumentOutOfRangeException.ThrowIfLessThan(Round, 1);
        ModelKey.CheckHash(Sha256);
    }
}

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
