using System.Collections.Concurrent;
using FedRec.Contracts.Clients;

namespace FedRec.Grains.Parties;

/// <summary>Finds the organisation that a user's id names, such as <c>north/42</c>.</summary>
internal sealed class Organisations(IGrainFactory grains, UserKeys keys, PartyLabels labels)
{
    private readonly ConcurrentDictionary<(string Federation, string Name, bool ForUsers), bool> _claimed = new(); // names stay with whom they are taken for

    /// <summary>Whether a name could be taken; see <see cref="ClaimAsync"/>.</summary>
    public async Task<bool> MayClaimAsync(string federation, string name, bool forUsers) =>
        _claimed.ContainsKey((federation, name, forUsers)) || await (await OfAsync(federation, name)).Grain.MayClaimAsync(forUsers);

    /// <summary>Takes a name for an organisation, or for users who are clients by themselves and whose ids begin with it.</summary>
    /// <returns>False when it is taken for the other.</returns>
    public async Task<bool> ClaimAsync(string federation, string name, bool forUsers)
    {
        if (!_claimed.ContainsKey((federation, name, forUsers)))
        {
            if (!await (await OfAsync(federation, name)).Grain.ClaimAsync(forUsers, CancellationToken.None))
            {
                return false;
            }

            _claimed[(federation, name, forUsers)] = true;
        }

        return true;
    }

    /// <summary>Refuses what is to be recorded for an organisation while no silo is up that it may be on.</summary>
    /// <exception cref="Contracts.Federations.SiloLabelException">It is bound to a label that no silo has.</exception>
    public async Task ThrowUnlessUpAsync(string federation, string name) => await labels.ThrowUnlessUpAsync(federation, (await keys.GetAsync(federation)).OfOrganisation(name));

    /// <summary>The organisation's grain, whether it is there or not.</summary>
    public async Task<(IOrganisationGrain Grain, string Key)> OfAsync(string federation, string name)
    {
        var key = (await keys.GetAsync(federation)).OfOrganisation(name);
        return (grains.GetGrain<IOrganisationGrain>(GrainKeys.User(federation, key)), key);
    }

    /// <summary>The organisation, its key, and its own id of the user; null where the id names none that is there.</summary>
    public async Task<NamedUser?> FindAsync(string federation, string id)
    {
        if (OrganisationKey.Split(id) is not { } named)
        {
            return null;
        }

        var (grain, key) = await OfAsync(federation, named.Organisation);
        return await grain.AskAsync(run: 0) ? new NamedUser(grain, key, named.Organisation, named.User) : null;
    }
}

/// <summary>A user of an organisation.</summary>
/// <param name="Grain">The organisation.</param>
/// <param name="Key">Its key as a client.</param>
/// <param name="Organisation">Its name.</param>
/// <param name="User">Its own id of the user.</param>
internal sealed record NamedUser(IOrganisationGrain Grain, string Key, string Organisation, string User);
