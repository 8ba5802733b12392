using System.Collections.Immutable;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Runs;

/// <summary>The latest events of a run, for watchers that come and go. Used on the run grain's scheduler only.</summary>
internal sealed class RunEventLog(TimeProvider time)
{
    private const int Capacity = 2_000;
    private readonly List<RunEvent> _events = []; // a ring once it is full: event n stands at (n − 1) modulo the capacity
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastId;
    private IOException? _full;

    public void Add(RunEvent happened)
    {
        var next = happened with { Id = ++_lastId, At = time.GetUtcNow() };
        if (_events.Count < Capacity)
        {
            _events.Add(next);
        }
        else
        {
            _events[PlaceOf(_lastId)] = next;
        }

        _next.SetResult();
        _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Tells every watcher that the run neither goes on nor ends, as there is no room to store what it does.</summary>
    public void Fail(IOException full)
    {
        _full = full;
        _next.TrySetResult();
    }

    /// <summary>Events after a given one, waiting for the next when there is none and the run goes on.</summary>
    /// <exception cref="IOException">There is no room to store what the run does.</exception>
    public async Task<ImmutableArray<RunEvent>> ReadAsync(long after, TimeSpan wait, bool ended, CancellationToken cancellationToken)
    {
        // A watcher from before a restart may have seen higher numbers than there are now: it starts over.
        var from = after > _lastId ? 0 : after;
        if (from == _lastId && !ended)
        {
            await Task.WhenAny(_next.Task, Task.Delay(wait, time, cancellationToken));
        }

        var first = Math.Max(from, _lastId - Capacity); // what is older is gone
        return _full is not null ? throw FullStore.Exception(_full.Message) : [.. Enumerable.Range(1, (int)(_lastId - first)).Select(next => _events[PlaceOf(first + next)])];
    }

    private static int PlaceOf(long id) => (int)((id - 1) % Capacity);
}
