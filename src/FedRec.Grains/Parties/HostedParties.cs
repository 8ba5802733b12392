using FedRec.Contracts.Clients;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Catalogues;
using FedRec.Core.Data;
using FedRec.Core.Parties;

namespace FedRec.Grains.Parties;

/// <summary>Clients that keep their data themselves, as it was when a run began: each is a user, or an organisation with many, whose grain has stored what they did.</summary>
/// <param name="federation">The federation.</param>
/// <param name="run">Number of the run; what was recorded after it began is no part of it.</param>
/// <param name="catalogue">The items that the run learns.</param>
/// <param name="hasRatings">Whether interactions carry ratings.</param>
/// <param name="holdOutValidation">Whether to hold out for validation, beside testing.</param>
/// <param name="services">What it reads with.</param>
internal sealed class HostedParties(string federation, int run, FederationCatalogue catalogue, bool hasRatings, bool holdOutValidation, HostedServices services) : IPartyData
{
    /// <inheritdoc/>
    public async ValueTask<PartyHoldings> OpenAsync(int client, CancellationToken cancellationToken)
    {
        return Split(await ReadAsync(client, counted: null, cancellationToken));
    }

    /// <summary>What one client held when an earlier run began that this one adds to: the same users, in the same order.</summary>
    /// <returns>Null where that is what it holds now.</returns>
    public async Task<ClientData?> OpenCountedAsync(int client, CountedRun counted, CancellationToken cancellationToken)
    {
        var (now, then) = (await ReadAsync(client, counted: null, cancellationToken), await ReadAsync(client, counted, cancellationToken));
        return now.Zip(then).All(user => user.First.Count == user.Second.Count) ? null : Split(then).Train();
    }

    /// <summary>The items as they are called now; see <see cref="HostedCatalogues.AsNowAsync"/>.</summary>
    public Task<(FederationCatalogue Shown, int Corrections)> AsNowAsync(FederationCatalogue shown, int corrections) => services.Catalogues.AsNowAsync(federation, shown, corrections);

    /// <summary>All that a user did until now, whatever run it is part of: what the user's recommendations go by.</summary>
    public PartyHoldings All(IReadOnlyList<PartyEvent> events) => PartyLog.All(catalogue, [events], hasRatings);

    /// <summary>The number of a client that has joined.</summary>
    public Task<int> NumberOfAsync(string user) => services.Registries.NumberOfAsync(federation, user);

    /// <summary>The key of a client that is an organisation; null for a user.</summary>
    public async ValueTask<string?> OrganisationOfAsync(int client) => await services.Registries.KeyOfAsync(federation, client) is var key && OrganisationKey.Is(key) ? key : null;

    /// <summary>The key of a client that keeps its data in a process of its own; null for one whose data is here.</summary>
    public async ValueTask<string?> RemoteOfAsync(int client) => await services.Registries.KeyOfAsync(federation, client) is var key && RemoteKey.Is(key) ? key : null;

    /// <summary>Whether any client keeps its data in a process of its own.</summary>
    public async Task<bool> HasRemoteAsync() => (await services.Grains.GetGrain<IPartiesGrain>(federation).ListAsync()).Any(party => party.Client is not null);

    private PartyHoldings Split(IReadOnlyList<IReadOnlyList<PartyEvent>> users) => PartyLog.Split(catalogue, users, hasRatings, holdOutValidation);

    private async Task<IReadOnlyList<IReadOnlyList<PartyEvent>>> ReadAsync(int client, CountedRun? counted, CancellationToken cancellationToken)
    {
        var name = await services.Registries.KeyOfAsync(federation, client);
        counted = counted is { } earlier && client >= earlier.Clients ? new CountedRun(0, 0, 0) : counted; // it came later: nothing of it is counted
        return OrganisationKey.Is(name) ? await ReadOrganisationAsync(name, counted, cancellationToken) : [await ReadUserAsync(name, counted, cancellationToken)];
    }

    private async Task<IReadOnlyList<PartyEvent>> ReadUserAsync(string user, CountedRun? counted, CancellationToken cancellationToken)
    {
        var grain = services.Grains.GetGrain<IUserGrain>(GrainKeys.User(federation, user));
        var state = await grain.AskAsync(run, cancellationToken) ? await services.States.ReadAsync(grain.GetGrainId(), await services.Keys.GetAsync(federation), user) : null;
        return state?.EventsAsOf(catalogue, counted?.Number ?? run, counted?.Items ?? int.MaxValue) ?? [];
    }

    private async Task<IReadOnlyList<IReadOnlyList<PartyEvent>>> ReadOrganisationAsync(string client, CountedRun? counted, CancellationToken cancellationToken)
    {
        var grain = services.Grains.GetGrain<IOrganisationGrain>(GrainKeys.User(federation, client));
        await grain.AskAsync(run, cancellationToken);
        var history = await services.Organisations.ReadAsync(grain.GetGrainId(), await services.Keys.GetAsync(federation), client);
        return history?.EventsAsOf(catalogue, run, counted) ?? [];
    }
}

/// <summary>A run whose version another one adds to.</summary>
/// <param name="Number">Its number in its federation.</param>
/// <param name="Clients">Clients that it had: those with higher numbers came later.</param>
/// <param name="Items">Items that it learned, likewise.</param>
internal readonly record struct CountedRun(int Number, int Clients, int Items);

/// <summary>What hosted clients are found and read with.</summary>
internal sealed record HostedServices(IGrainFactory Grains, HostedCatalogues Catalogues, HostedRegistries Registries, UserStates States, OrganisationLog Organisations, UserKeys Keys);
