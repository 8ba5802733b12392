using System.Collections.Immutable;
using FedRec.Contracts.Federations;

namespace FedRec.Grains.Federations;

/// <summary>Remembers which federations there are.</summary>
internal sealed class FederationDirectoryGrain(
    [PersistentState("federations", GrainsSetup.StorageName)] IPersistentState<FederationDirectoryState> saved)
    : Grain, IFederationDirectoryGrain
{
    public async Task NoteRunAsync(string federation, string runId, CancellationToken cancellationToken = default)
    {
        if (saved.State.Names is [var first, ..] && first == federation)
        {
            return;
        }

        saved.State = saved.State with { Names = [federation, .. saved.State.Names.Remove(federation)] };
        await saved.WriteOrDeactivateAsync(this);
    }

    public Task<ImmutableArray<string>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult(saved.State.Names);
}

/// <summary>All federations of the cluster.</summary>
[GenerateSerializer, Alias("fedrec.state.federation-directory")]
internal sealed record FederationDirectoryState
{
    /// <summary>Names, most recently active first.</summary>
    [Id(0)] public ImmutableArray<string> Names { get; init; } = [];
}
