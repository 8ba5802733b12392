using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Histories;
using FedRec.Core.Federation;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Histories;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace FedRec.Grains.Clients;

/// <summary>What a client cannot derive and must remember over a crash. It never leaves the client.</summary>
[GenerateSerializer, Alias("fedrec.state.client")]
internal sealed record ClientState
{
    /// <summary>Name of the stored state.</summary>
    public const string Name = "client";

    /// <summary>What its users did after the data was loaded, in order; written by older versions only, see <see cref="Histories.NumberedHistories"/>.</summary>
    [Id(0)] public ImmutableArray<RecordedChange> Changes { get; init; } = [];

    /// <summary>What the learner keeps from round to round; null for learners that keep nothing.</summary>
    [Id(1)] public KeptState? Kept { get; init; }
}

/// <summary>A change and the runs that it is part of.</summary>
/// <param name="Change">The change.</param>
/// <param name="LastRun">Number of the last run that is without it.</param>
[GenerateSerializer, Immutable, Alias("fedrec.state.recorded-change")]
internal sealed record RecordedChange(
    [property: Id(0)] HistoryChange Change,
    [property: Id(1)] int LastRun);

/// <summary>A learner's private state around one round: the round can be repeated, and its state is adopted only when it has counted the client.</summary>
/// <param name="RunKey">The run.</param>
/// <param name="Round">The last round that the client trained for.</param>
/// <param name="Before">The adopted state, from before that round.</param>
/// <param name="After">The state to adopt if that round counts the client.</param>
[GenerateSerializer, Immutable, Alias("fedrec.state.kept")]
internal sealed record KeptState(
    [property: Id(0)] string RunKey,
    [property: Id(1)] int Round,
    [property: Id(2)] ReadOnlyMemory<byte> Before,
    [property: Id(3)] ReadOnlyMemory<byte> After);

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
    WorkerPools Pools,
    [FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage Storage,
    ILocalSiloDetails Silo)
{
    /// <summary>One receipt for all clients of the silo: immutable, hence never copied.</summary>
    public TrainReceipt Receipt { get; } = new(Silo.SiloAddress);
}
