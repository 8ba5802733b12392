using System.Collections.Concurrent;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.Models;

/// <summary>A model store in memory that notes what it is asked, fails when told to, and can damage what it hands out.</summary>
internal sealed class WatchedModelStore : IModelStore
{
    private readonly MemoryModelStore _inner = new();

    /// <summary>What was written and deleted, in order: <c>content:name:version</c>, <c>manifest:version</c>, <c>delete:version</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Calls that begin with this fail while it is set, before they have changed anything.</summary>
    public string? FailCalls { get; set; }

    /// <summary>Calls that begin with this are carried out and fail all the same, as when the answer is lost.</summary>
    public string? LoseAnswers { get; set; }

    /// <summary>Called after a failure.</summary>
    public Action OnFailure { get; set; } = () => { };

    /// <summary>The version whose stored tensors have a flipped bit; 0 for none.</summary>
    public long DamagedVersion { get; set; }

    public Task SaveContentAsync(string federation, string name, long version, string sha256, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
        DoAsync($"content:{name}:{version}", async () => { await _inner.SaveContentAsync(federation, name, version, sha256, content, cancellationToken); return true; });

    /// <summary>How often content was loaded.</summary>
    public int Loads { get; private set; }

    public async Task<ReadOnlyMemory<byte>> LoadContentAsync(string federation, string name, long version, string sha256, CancellationToken cancellationToken = default)
    {
        Loads++;
        var content = await _inner.LoadContentAsync(federation, name, version, sha256, cancellationToken);
        if (version != DamagedVersion)
        {
            return content;
        }

        var damaged = content.ToArray();
        damaged[^1] ^= 0x40;
        var actual = Safetensors.Sha256(damaged);
        return actual == sha256 ? damaged : throw new InvalidDataException($"{name} of version {version} is damaged: its SHA-256 is {actual}, not {sha256}.");
    }

    public Task<ReadOnlyMemory<byte>> SaveManifestAsync(string federation, long version, ReadOnlyMemory<byte> manifest, CancellationToken cancellationToken = default) =>
        DoAsync($"manifest:{version}", () => _inner.SaveManifestAsync(federation, version, manifest, cancellationToken));

    public Task<ReadOnlyMemory<byte>?> LoadManifestAsync(string federation, long version, CancellationToken cancellationToken = default) =>
        _inner.LoadManifestAsync(federation, version, cancellationToken);

    public Task<long> FindHighestVersionAsync(string federation, CancellationToken cancellationToken = default) =>
        _inner.FindHighestVersionAsync(federation, cancellationToken);

    public Task DeleteVersionAsync(string federation, long version, CancellationToken cancellationToken = default) =>
        DoAsync($"delete:{version}", async () => { await _inner.DeleteVersionAsync(federation, version, cancellationToken); return true; });

    private async Task<T> DoAsync<T>(string call, Func<Task<T>> act)
    {
        Calls.Enqueue(call);
        ThrowIf(call, FailCalls);
        var result = await act();
        ThrowIf(call, LoseAnswers);
        return result;
    }

    private void ThrowIf(string call, string? failing)
    {
        if (failing is not null && call.StartsWith(failing, StringComparison.Ordinal))
        {
            OnFailure();
            throw new IOException($"The model store fails at {call}.");
        }
    }
}
