using FedRec.Contracts.Clients;
using FedRec.Core.Data;
using FedRec.Core.Parties;
using FedRec.Grains.Parties;
using FedRec.Grains.Training;

namespace FedRec.Grains.Clients;

/// <summary>What the users of a client did after the data was loaded, as it was when a run first asked.</summary>
/// <remarks>A change is part of the runs that start after it: so a run's data is the same in each of its rounds, and after a crash too.</remarks>
internal sealed class ClientHistories(RunContext run, SimulatedParties simulated, int client, IReadOnlyList<(int Place, UserState State)> users)
{
    /// <summary>Whether any of them remembers anything.</summary>
    public bool HasChanges => users.Count > 0;

    /// <summary>The client's data as it was for a run, by the run's number.</summary>
    public ClientData AsOf(int number)
    {
        var data = simulated.Partition.Client(client);
        ItemChange[] changes = [.. users.SelectMany(user => user.State.AsOf(run.Catalogue.Items, run.UsesRatings, user.Place, number))];
        return changes.Length == 0 ? data : data.After(changes);
    }
}

/// <summary>Reads users' histories from where their grains keep them; they are not sent.</summary>
internal sealed class HistoryReader(UserStates states, IGrainFactory grains, UserKeys keys)
{
    private const int InFlight = 64;

    /// <summary>The histories of a client's users.</summary>
    /// <param name="run">The run whose client is meant.</param>
    /// <param name="client">Its number.</param>
    /// <param name="trains">Whether the run trains on them, so that what comes later is no part of it.</param>
    public async Task<ClientHistories> ReadAsync(RunContext run, int client, bool trains)
    {
        var simulated = run.SimulatedFor("what is recorded beside loaded data");
        var (key, users, found) = (await keys.GetAsync(run.Request.Federation), simulated.Partition.UsersOf(client), new List<(int, UserState)>());
        foreach (var places in Enumerable.Range(0, users.Length).Chunk(InFlight))
        {
            var states = await Task.WhenAll(places.Select(place =>
                ReadAsync(run.Request.Federation, key, simulated.Dataset.Users[users.Span[place]], trains ? run.Number : 0)));
            found.AddRange(places.Zip(states).Where(user => user.Second is not null).Select(user => (user.First, user.Second!)));
        }

        return new ClientHistories(run, simulated, client, found);
    }

    private async Task<UserState?> ReadAsync(string federation, UserKey key, string id, int number)
    {
        var user = key.Of(id);
        var grain = grains.GetGrain<IUserGrain>(GrainKeys.User(federation, user));
        return await grain.AskAsync(number) ? await states.ReadAsync(grain.GetGrainId(), key, user) : null;
    }
}
