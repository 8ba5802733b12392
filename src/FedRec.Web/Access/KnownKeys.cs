using System.Collections.Concurrent;
using System.Collections.Immutable;
using FedRec.Contracts.Access;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FedRec.Web.Access;

/// <summary>The keys of the cluster as this process knows them: read every few seconds, so that no request costs a grain call, and a key that is revoked is soon no good anywhere.</summary>
/// <param name="services">Has the grains; a host without any has no keys.</param>
/// <param name="options">How long a grain call may take.</param>
/// <param name="time">Time.</param>
internal sealed class KnownKeys(IServiceProvider services, IOptions<FedRecWebOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>After this long keys are read again.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    /// <summary>After this long they are read again for a key that is not among them: it may be new.</summary>
    public static readonly TimeSpan FreshForANewOne = TimeSpan.FromSeconds(1);

    /// <summary>So long keys are still believed while the cluster does not answer; then nobody is let in.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly IGrainFactory? _grains = services.GetService<IGrainFactory>();
    private readonly ConcurrentDictionary<string, bool> _used = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _one = new(1);
    private volatile Known? _known;
    private long _triedAt;

    /// <summary>The keys by their ids.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="given">A key that somebody has; null where none is meant.</param>
    /// <exception cref="TimeoutException">The cluster has not answered for a while.</exception>
    public async ValueTask<ImmutableDictionary<string, AccessKeyRecord>> ReadAsync(CancellationToken cancellationToken, AccessKeyText? given = null)
    {
        if (_grains is null)
        {
            return ImmutableDictionary<string, AccessKeyRecord>.Empty;
        }

        if (_known is { } known && IsFresh(known, given))
        {
            return known.Keys;
        }

        await _one.WaitAsync(cancellationToken); // those who come together read once
        try
        {
            return _known is { } read && IsFresh(read, given) ? read.Keys : await ReadAnewAsync(_grains, cancellationToken);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Notes that a key was used; the cluster is told once a day and key.</summary>
    public void NoteUsed(AccessKeyRecord key)
    {
        if (key.LastUsed != DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime))
        {
            _used.TryAdd(key.Id, true);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    /// <summary>A key was added or revoked here: the next request sees it.</summary>
    public void Forget() => _known = null;

    // While the cluster does not answer, it is asked no more often than when it does.
    private bool IsFresh(Known known, AccessKeyText? given)
    {
        var most = given is null || known.Keys.ContainsKey(given.Id) ? Fresh : FreshForANewOne;
        return time.GetElapsedTime(known.At) < most || (time.GetElapsedTime(known.At) < Longest && time.GetElapsedTime(_triedAt) < most);
    }

    private async Task<ImmutableDictionary<string, AccessKeyRecord>> ReadAnewAsync(IGrainFactory grains, CancellationToken cancellationToken)
    {
        _triedAt = time.GetTimestamp();
        try
        {
            var grain = grains.GetGrain<IAccessKeysGrain>(IAccessKeysGrain.Key);
            ImmutableArray<string> used = [.. _used.Keys];
            if (!used.IsEmpty)
            {
                await grain.NoteUsedAsync(used, cancellationToken).WaitAsync(options.Value.ReadyTimeout, cancellationToken);
                used.ToList().ForEach(id => _used.TryRemove(id, out _));
            }

            var keys = await grain.ListAsync(cancellationToken).WaitAsync(options.Value.ReadyTimeout, cancellationToken);
            _known = new Known(keys.ToImmutableDictionary(key => key.Id, StringComparer.Ordinal), time.GetTimestamp());
            return _known.Keys;
        }
        catch (Exception e) when (e is TimeoutException or OrleansException && _known is { } known && time.GetElapsedTime(known.At) < Longest)
        {
            return known.Keys; // what the request is about asks the cluster itself, and says that it does not answer
        }
    }

    private sealed record Known(ImmutableDictionary<string, AccessKeyRecord> Keys, long At);
}
