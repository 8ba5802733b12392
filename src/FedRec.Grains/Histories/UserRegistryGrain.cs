using System.Collections.Immutable;
using System.Security.Cryptography;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Grains.Parties;
using FedRec.Grains.Training;

namespace FedRec.Grains.Histories;

/// <summary>Makes a federation's key once, and knows who was forgotten.</summary>
internal sealed class UserRegistryGrain(
    [PersistentState("users", GrainsSetup.StorageName)] IPersistentState<UserRegistryState> saved,
    RunCache contexts,
    NumberedHistories numbered) : Grain, IUserRegistryGrain
{
    private const int KeyBytes = 32;

    private string Federation => this.GetPrimaryKeyString();

    public async Task<ReadOnlyMemory<byte>> GetKeyAsync(CancellationToken cancellationToken = default)
    {
        if (!saved.State.Key.IsEmpty)
        {
            return saved.State.Key;
        }

        var key = (ReadOnlyMemory<byte>)RandomNumberGenerator.GetBytes(KeyBytes);
        await WriteAsync(saved.State with { NewKey = saved.State.NewKey.IsEmpty ? key : saved.State.NewKey }); // kept before anything is stored under it
        var forgotten = await MoveNumberedAsync(new UserKey(saved.State.NewKey));
        await WriteAsync(saved.State with { Key = saved.State.NewKey, Forgotten = saved.State.Forgotten.Union(forgotten) });
        return saved.State.Key;
    }

    public async Task NoteForgottenAsync(string user, ErasedChanges erased, CancellationToken cancellationToken = default)
    {
        var next = saved.State with
        {
            Forgotten = saved.State.Forgotten.Add(user),
            Erased = erased.After < erased.Last && !saved.State.Erased.Contains(erased) ? saved.State.Erased.Add(erased) : saved.State.Erased,
        };
        await WriteAsync(next);
    }

    public Task<ImmutableHashSet<string>> GetForgottenAsync(CancellationToken cancellationToken = default) => Task.FromResult(saved.State.Forgotten);

    public Task<bool> CountsErasedAsync(int run, CancellationToken cancellationToken = default) => Task.FromResult(saved.State.Erased.Any(erased => erased.IsIn(run)));

    private async Task<ImmutableArray<string>> MoveNumberedAsync(UserKey key)
    {
        var summary = await GrainFactory.GetGrain<IFederationGrain>(Federation).GetSummaryAsync();
        if (!summary.HasRecorded || summary.Runs.IsEmpty)
        {
            return [];
        }

        var run = await contexts.GetAsync(GrainKeys.Run(Federation, summary.Runs[^1]), CancellationToken.None);
        return await numbered.MoveAsync(Federation, run.Clients, key);
    }

    private Task WriteAsync(UserRegistryState next)
    {
        saved.State = next;
        return saved.WriteOrDeactivateAsync(this);
    }
}

/// <summary>A federation's users, as far as something must be known of all of them.</summary>
[GenerateSerializer, Alias("fedrec.state.users")]
internal sealed record UserRegistryState
{
    /// <summary>The key; empty until what was recorded by number has been moved.</summary>
    [Id(0)] public ReadOnlyMemory<byte> Key { get; init; }

    /// <summary>Keys of the users who are out.</summary>
    [Id(1)] public ImmutableHashSet<string> Forgotten { get; init; } = [];

    /// <summary>Runs that count what was erased.</summary>
    [Id(2)] public ImmutableArray<ErasedChanges> Erased { get; init; } = [];

    /// <summary>What will be the key: the same again when moving is cut off.</summary>
    [Id(3)] public ReadOnlyMemory<byte> NewKey { get; init; }
}
