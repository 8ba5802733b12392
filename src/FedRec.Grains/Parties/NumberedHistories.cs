using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace FedRec.Grains.Parties;

/// <summary>Brings what was once recorded by clients' numbers to the users it is of.</summary>
/// <remarks>Beside each change stands the user's id, so whose it is does not depend on the data as it is now. A client whose number is beyond the data of
/// the last run is not looked for. May be repeated after it was cut off: a user's own state is written first, and is not written twice.</remarks>
internal sealed partial class NumberedHistories(
    [FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage storage, IGrainFactory grains, ILogger<NumberedHistories> log)
{
    private const int InFlight = 64;

    /// <summary>Moves the histories of a federation's clients 0 to <paramref name="clients"/> − 1.</summary>
    /// <returns>Keys of the users who were forgotten.</returns>
    public async Task<ImmutableArray<string>> MoveAsync(string federation, int clients, UserKey key)
    {
        var (forgotten, moved) = (ImmutableArray.CreateBuilder<string>(), 0);
        foreach (var part in Enumerable.Range(0, clients).Chunk(InFlight))
        {
            foreach (var users in await Task.WhenAll(part.Select(client => MoveOneAsync(federation, client, key))))
            {
                moved += users.Count;
                forgotten.AddRange(users.Where(user => user.IsOut).Select(user => user.Key));
            }
        }

        if (moved > 0)
        {
            LogMoved(federation, moved, clients);
        }

        return forgotten.ToImmutable();
    }

    private async Task<List<(string Key, bool IsOut)>> MoveOneAsync(string federation, int client, UserKey key)
    {
        var users = new List<(string, bool)>();
        var (id, old) = (grains.GetGrain<IClientGrain>(GrainKeys.Client(federation, client)).GetGrainId(), new GrainState<ClientState>(new ClientState()));
        await storage.ReadStateAsync(ClientState.Name, id, old);
        if (!old.RecordExists || old.State is not { Changes.IsEmpty: false } state)
        {
            return users;
        }

        foreach (var changes in state.Changes.GroupBy(recorded => recorded.Change.User, StringComparer.Ordinal))
        {
            var user = key.Of(changes.Key);
            var remembered = UserState.Of([.. changes]);
            var (userId, own) = (grains.GetGrain<IUserGrain>(GrainKeys.User(federation, user)).GetGrainId(), new GrainState<SealedUserState>(new SealedUserState()));
            await storage.ReadStateAsync(SealedUserState.Name, userId, own);
            if (!own.RecordExists)
            {
                own.State = SealedUserState.Of(remembered, key, user);
                await storage.WriteStateAsync(SealedUserState.Name, userId, own);
            }

            users.Add((user, remembered.Out is not null));
        }

        old.State = state with { Changes = [] };
        await storage.WriteStateAsync(ClientState.Name, id, old);
        return users;
    }

    [LoggerMessage(LogLevel.Information, "Federation {Federation}: what {Users} users had recorded was kept by clients' numbers and is kept by user now; {Clients} clients of the last run's data were looked at")]
    private partial void LogMoved(string federation, int users, int clients);
}
