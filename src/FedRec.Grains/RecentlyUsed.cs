using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace FedRec.Grains;

/// <summary>Values that are loaded once for all who ask for them and kept as long as they are used: what was asked for longest ago goes first.
/// What is pinned stays.</summary>
/// <remarks>Looking a value up takes no lock, since that happens for each client of each round. An entry is stamped with the number of values
/// that had come in when it was last asked for: only uses between two arrivals are not told apart.</remarks>
/// <param name="capacity">Values kept, those that are pinned among them; more only when more are pinned.</param>
/// <param name="dropped">Told of each value that is no longer kept; somebody may still be using it.</param>
internal sealed class RecentlyUsed<TKey, TValue>(int capacity, Action<TValue>? dropped = null)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Entry> _entries = new();
    private readonly ConcurrentDictionary<string, TKey> _pins = new();
    private readonly Lock _trimming = new();
    private long _arrivals;

    /// <summary>The values that are there.</summary>
    public IEnumerable<TValue> Values => _entries.Values.Where(entry => entry.IsLoaded).Select(entry => entry.Loading.Result);

    /// <summary>The value, when it is loaded.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_entries.TryGetValue(key, out var entry) && entry.IsLoaded)
        {
            entry.UsedAt = Volatile.Read(ref _arrivals);
            value = entry.Loading.Result;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>The value, loaded now when it is not there; a failure is not remembered.</summary>
    public Task<TValue> GetOrLoad(TKey key, Func<TKey, Task<TValue>> load)
    {
        while (true)
        {
            if (_entries.TryGetValue(key, out var present))
            {
                if (present.HasFailed)
                {
                    _entries.TryRemove(new(key, present));
                    continue;
                }

                present.UsedAt = Volatile.Read(ref _arrivals);
                return present.Loading;
            }

            var entry = new Entry(new Lazy<Task<TValue>>(() => Task.Run(() => load(key))));
            if (_entries.TryAdd(key, entry))
            {
                Arrived(key, entry);
                return entry.Loading;
            }
        }
    }

    /// <summary>Takes a value in that was made elsewhere.</summary>
    public void Put(TKey key, TValue value)
    {
        var entry = new Entry(new Lazy<Task<TValue>>(Task.FromResult(value)));
        Entry? replaced = null;
        _entries.AddOrUpdate(key, entry, (_, present) =>
        {
            replaced = present;
            return entry;
        });
        Arrived(key, entry);
        Drop(replaced);
    }

    /// <summary>Keeps a value until its holder lets go of it, or pins another one; it may come in later.</summary>
    public void Pin(string holder, TKey key) => _pins[holder] = key;

    /// <summary>Lets go of a value, if that is the one that the holder has pinned.</summary>
    public void Unpin(string holder, TKey key) => _pins.TryRemove(new(holder, key));

    /// <summary>Drops values, pinned or not.</summary>
    public void Remove(Func<TKey, bool> which)
    {
        foreach (var entry in _entries.Where(entry => which(entry.Key)))
        {
            if (_entries.TryRemove(entry))
            {
                Drop(entry.Value);
            }
        }
    }

    private void Arrived(TKey newest, Entry entry)
    {
        entry.UsedAt = Interlocked.Increment(ref _arrivals);
        lock (_trimming)
        {
            var free = _entries.Where(one => !one.Key.Equals(newest) && !_pins.Values.Contains(one.Key));
            foreach (var oldest in free.OrderBy(one => one.Value.UsedAt).Take(_entries.Count - capacity).ToArray())
            {
                if (_entries.TryRemove(oldest))
                {
                    Drop(oldest.Value);
                }
            }
        }
    }

    private void Drop(Entry? entry)
    {
        if (dropped is not null && entry is not null)
        {
            _ = entry.Loading.ContinueWith(
                loaded => dropped(loaded.Result), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private sealed class Entry(Lazy<Task<TValue>> loading)
    {
        private long _usedAt;

        public Task<TValue> Loading => loading.Value;

        public bool IsLoaded => loading.IsValueCreated && loading.Value.IsCompletedSuccessfully;

        public bool HasFailed => loading.IsValueCreated && loading.Value is { IsCompleted: true, IsCompletedSuccessfully: false };

        public long UsedAt
        {
            get => Volatile.Read(ref _usedAt);
            set => Volatile.Write(ref _usedAt, value);
        }
    }
}
