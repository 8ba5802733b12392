using FedRec.Contracts.Clients;
using FedRec.Core.Catalogues;
using FedRec.Core.Parties;
using FedRec.Grains.Clients;
using FedRec.Grains.Histories;

namespace FedRec.Grains.Parties;

/// <summary>Clients that keep their data themselves, as it was when a run began: each is one user, whose grain has stored what the user did.</summary>
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
        var user = await services.Registries.KeyOfAsync(federation, client);
        var grain = services.Grains.GetGrain<IUserGrain>(GrainKeys.User(federation, user));
        var state = await grain.AskAsync(run, cancellationToken) ? await services.States.ReadAsync(grain.GetGrainId(), await services.Keys.GetAsync(federation), user) : null;
        return PartyLog.Split(catalogue, [state?.EventsAsOf(catalogue, run) ?? []], hasRatings, holdOutValidation);
    }

    /// <summary>All that a user did until now, whatever run it is part of: what the user's recommendations go by.</summary>
    public PartyHoldings All(UserState state) => PartyLog.All(catalogue, [state.EventsAsOf(catalogue, int.MaxValue)], hasRatings);

    /// <summary>The number of a client that has joined.</summary>
    public Task<int> NumberOfAsync(string user) => services.Registries.NumberOfAsync(federation, user);
}

/// <summary>What hosted clients are found and read with.</summary>
internal sealed record HostedServices(IGrainFactory Grains, HostedRegistries Registries, UserStates States, UserKeys Keys);
