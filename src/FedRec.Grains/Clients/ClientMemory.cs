using FedRec.Core.Federation;

namespace FedRec.Grains.Clients;

/// <summary>What a learner keeps with a client from round to round.</summary>
/// <remarks>Read when it is first needed: most learners keep nothing, and 10,000 reads would cost more than a round.</remarks>
internal sealed class ClientMemory(LazyState<ClientState> saved)
{
    private Task _writing = Task.CompletedTask;

    public Task ReadAsync() => saved.ReadAsync(() => { });

    /// <summary>What the learner keeps with the client in a run.</summary>
    public KeptStates Kept(string runKey) =>
        saved.State.Kept is { } kept && kept.RunKey == runKey ? new KeptStates(kept.Round, kept.Before, kept.After) : KeptStates.None;

    /// <summary>Makes what the learner keeps durable.</summary>
    public Task KeepAsync(string runKey, KeptStates kept) =>
        WriteAsync(saved.State with { Kept = new KeptState(runKey, kept.Round, kept.Adopted, kept.Proposed) });

    // One after the other. After a failure no later write is tried, as memory is ahead of storage.
    private Task WriteAsync(ClientState next)
    {
        saved.State = next;
        return _writing = WriteAfterAsync(_writing);
    }

    private async Task WriteAfterAsync(Task earlier)
    {
        await earlier;
        await saved.WriteAsync();
    }
}
