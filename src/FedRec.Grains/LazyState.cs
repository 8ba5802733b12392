using Orleans.Core;
using Orleans.Storage;

namespace FedRec.Grains;

/// <summary>A grain's stored state that is read when it is first needed, not on activation.</summary>
/// <remarks>A round between two published versions stores nothing; a look into the store would cost more than the round.
/// Reads that come at the same time are one read.</remarks>
internal sealed class LazyState<T>(string name, Grain grain, IGrainStorage storage)
    where T : new()
{
    private readonly StateStorageBridge<T> _bridge = new(name, grain.GrainContext, storage);
    private Task? _reading;

    /// <summary>The state as read or set; fresh before that.</summary>
    public T State { get; set; } = new();

    /// <summary>Reads the state once; after a failure the activation is dropped.</summary>
    /// <param name="whenRead">Called after the read, before anyone who waits for it goes on.</param>
    public Task ReadAsync(Action whenRead) => _reading ??= ReadOnceAsync(whenRead);

    /// <summary>Takes the state as fresh, because nothing that is stored matters.</summary>
    public void SkipReading() => _reading ??= Task.CompletedTask;

    /// <summary>Writes the state; after a failure the activation is dropped.</summary>
    public Task WriteAsync()
    {
        _bridge.State = State;
        return GrainWrites.OrDeactivateAsync(grain, _bridge.WriteStateAsync);
    }

    /// <summary>Takes what is stored away; after a failure the activation is dropped.</summary>
    public Task ClearAsync()
    {
        State = new T();
        return GrainWrites.OrDeactivateAsync(grain, _bridge.ClearStateAsync);
    }

    private async Task ReadOnceAsync(Action whenRead)
    {
        await GrainWrites.OrDeactivateAsync(grain, _bridge.ReadStateAsync);
        State = _bridge.State ?? new T();
        whenRead();
    }
}
