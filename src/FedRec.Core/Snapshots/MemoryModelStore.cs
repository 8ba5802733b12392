namespace FedRec.Core.Snapshots;

/// <summary>A model store that forgets everything with the process; for <c>--storage memory</c> and for tests.</summary>
/// <remarks>Safe to call from many threads. Content is copied in, so a caller that reuses its buffer changes nothing here.</remarks>
public sealed class MemoryModelStore : IModelStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Federation, long Version), byte[]> _manifests = [];
    private readonly Dictionary<(string Federation, long Version, string Name, string Sha256), byte[]> _contents = [];

    /// <inheritdoc/>
    public Task SaveContentAsync(string federation, string name, long version, string sha256, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        CheckVersion(federation, version);
        ModelKey.CheckName(name);
        ModelKey.CheckContent(sha256, content.Span);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (!_contents.ContainsKey((federation, version, name, sha256)))
            {
                _contents.Add((federation, version, name, sha256), content.ToArray());
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>> LoadContentAsync(string federation, string name, long version, string sha256, CancellationToken cancellationToken = default)
    {
        CheckVersion(federation, version);
        ModelKey.CheckName(name);
        ModelKey.CheckHash(sha256);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return _contents.TryGetValue((federation, version, name, sha256), out var content)
                ? Task.FromResult<ReadOnlyMemory<byte>>(content)
                : throw new FileNotFoundException($"Federation '{federation}' has no {name} with SHA-256 {sha256} in version {version}.");
        }
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>> SaveManifestAsync(string federation, long version, ReadOnlyMemory<byte> manifest, CancellationToken cancellationToken = default)
    {
        CheckVersion(federation, version);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (!_manifests.TryGetValue((federation, version), out var stored))
            {
                _manifests.Add((federation, version), stored = manifest.ToArray());
            }

            return Task.FromResult<ReadOnlyMemory<byte>>(stored);
        }
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>?> LoadManifestAsync(string federation, long version, CancellationToken cancellationToken = default)
    {
        CheckVersion(federation, version);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return Task.FromResult<ReadOnlyMemory<byte>?>(_manifests.TryGetValue((federation, version), out var stored) ? stored : default(ReadOnlyMemory<byte>?));
        }
    }

    /// <inheritdoc/>
    public Task<long> FindHighestVersionAsync(string federation, CancellationToken cancellationToken = default)
    {
        ModelKey.CheckFederation(federation);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return Task.FromResult(_manifests.Keys.Where(key => key.Federation == federation).Select(key => key.Version).DefaultIfEmpty(0).Max());
        }
    }

    /// <inheritdoc/>
    public Task DeleteVersionAsync(string federation, long version, CancellationToken cancellationToken = default)
    {
        CheckVersion(federation, version);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            _manifests.Remove((federation, version));
            foreach (var key in _contents.Keys.Where(key => key.Federation == federation && key.Version == version).ToArray())
            {
                _contents.Remove(key);
            }
        }

        return Task.CompletedTask;
    }

    private static void CheckVersion(string federation, long version)
    {
        ModelKey.CheckFederation(federation);
        ModelKey.CheckVersion(version);
    }
}
