using FedRec.Contracts.Clients;
using FedRec.Core.Federation;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Models;
using FedRec.Grains.Parties;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using ClientState = FedRec.Grains.Parties.ClientState;

namespace FedRec.Grains.Clients;

/// <summary>What a learner keeps with a client from round to round.</summary>
/// <remarks>Read when it is first needed: most learners keep nothing, and 10,000 reads would cost more than a round.</remarks>
internal sealed class ClientMemory(LazyState<ClientState> saved)
{
    private Task _writing = Task.CompletedTask;

    public Task ReadAsync() => saved.ReadAsync(() => { });

    /// <summary>What the learner keeps with the client in a run, as it was last begun.</summary>
    /// <exception cref="InvalidOperationException">Somebody else drives the run by now.</exception>
    public KeptStates Kept(TrainOrder order) => saved.State.Kept is not { } kept || kept.RunKey != order.RunKey || kept.Epoch < order.Since ? KeptStates.None
        : kept.Epoch <= order.Epoch ? new KeptStates(kept.Round, kept.Before, kept.After)
        : throw new InvalidOperationException($"Round {order.Round} of {order.RunKey} is asked for by attempt {order.Epoch}, and attempt {kept.Epoch} drives the run.");

    /// <summary>Makes what the learner keeps durable.</summary>
    public Task KeepAsync(TrainOrder order, KeptStates kept) =>
        WriteAsync(saved.State with { Kept = new KeptState(order.RunKey, kept.Round, kept.Adopted, kept.Proposed, order.Epoch) });

    /// <summary>Erases what the learner keeps, unless it is of a later run.</summary>
    /// <returns>Whether there was anything to erase.</returns>
    public async Task<bool> EraseAsync(int lastRun)
    {
        if (saved.State.Kept is not { } kept || GrainKeys.RunNumber(kept.RunKey) > lastRun)
        {
            return false;
        }

        await WriteAsync(saved.State with { Kept = null });
        return true;
    }

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

/// <summary>What all client grains of a silo share.</summary>
internal sealed record ClientServices(
    RunCache Runs,
    ParameterCache Parameters,
    LocalAggregation Aggregation,
    LocalEvaluations Evaluations,
    HistoryReader Histories,
    UserKeys Keys,
    UserStates States,
    OrganisationLog Organisations,
    OpenHistories Open,
    PlacedParties Placed,
    WorkerPools Pools,
    [FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage Storage,
    ILocalSiloDetails Silo)
{
    /// <summary>One receipt for all clients of the silo: immutable, hence never copied.</summary>
    public TrainReceipt Receipt { get; } = new(Silo.SiloAddress);
}
