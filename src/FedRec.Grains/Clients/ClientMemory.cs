using System.Collections.Immutable;
using FedRec.Contracts.Histories;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Grains.Training;

namespace FedRec.Grains.Clients;

/// <summary>What a client remembers: what its users did since the data was loaded, and what a learner keeps with it.</summary>
/// <remarks>Read when it is first needed: most clients of a simulation remember nothing, and 10,000 reads would cost more than a round.
/// A change is part of the runs that start after it: so a run's data is the same in each of its rounds, and after a crash too.</remarks>
internal sealed class ClientMemory(LazyState<ClientState> saved)
{
    private Task _writing = Task.CompletedTask;

    /// <summary>Whether anything was recorded.</summary>
    public bool HasChanges => !saved.State.Changes.IsEmpty;

    /// <summary>Number of changes recorded.</summary>
    public int Changes => saved.State.Changes.Length;

    public Task ReadAsync() => saved.ReadAsync(() => { });

    public Task RecordAsync(HistoryChange change, int lastRun) =>
        WriteAsync(saved.State with { Changes = saved.State.Changes.Add(new RecordedChange(change, lastRun)) });

    /// <summary>The client's data with all changes.</summary>
    public ClientData Now(RunContext run, int client) => After(run, client, _ => true);

    /// <summary>The client's data as it was for a run, by the run's number.</summary>
    public ClientData AsOf(RunContext run, int client, int number) => After(run, client, change => change.LastRun < number);

    /// <summary>What the learner keeps with the client in a run.</summary>
    public KeptStates Kept(string runKey) =>
        saved.State.Kept is { } kept && kept.RunKey == runKey ? new KeptStates(kept.Round, kept.Before, kept.After) : KeptStates.None;

    /// <summary>Makes what the learner keeps durable.</summary>
    public Task KeepAsync(string runKey, KeptStates kept) =>
        WriteAsync(saved.State with { Kept = new KeptState(runKey, kept.Round, kept.Adopted, kept.Proposed) });

    private ClientData After(RunContext run, int client, Func<RecordedChange, bool> counts)
    {
        var data = run.Partition.Client(client);
        var changes = saved.State.Changes.Where(change => counts(change) && TellsOf(run, change.Change)).Select(change => ToCore(run, client, change.Change)).ToImmutableArray();
        return changes.IsEmpty ? data : data.After(changes);
    }

    // An item without a rating was recorded under a learner that needs none.
    private static bool TellsOf(RunContext run, HistoryChange change) => !(run.UsesRatings && change is { Kind: HistoryChangeKind.Added, Rating: null });

    private static ItemChange ToCore(RunContext run, int client, HistoryChange change)
    {
        var (holder, index) = run.Dataset.Users.TryGet(change.User, out var user) ? run.Partition.Find(user) : (-1, 0);
        if (holder != client)
        {
            throw new InvalidOperationException($"Client {client} remembers a user that run {run.RunKey} deals to another client; its data has changed.");
        }

        var item = -1;
        if (change.Item is not null && !run.Dataset.Items.TryGet(change.Item, out item))
        {
            throw new InvalidOperationException($"Client {client} remembers an item that the catalogue of run {run.RunKey} has not; its data has changed.");
        }

        return new ItemChange(index, item, change.Rating ?? 0, (ItemChangeKind)change.Kind);
    }

    // One after the other: a history may change while a training is being kept. After a failure no later write is tried, as memory is ahead of storage.
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
