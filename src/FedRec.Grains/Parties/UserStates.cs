using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace FedRec.Grains.Parties;

/// <summary>Where users' grains store what their users did: a head with what came last, and full segments that are never written again.</summary>
internal sealed class UserStates([FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage storage)
{
    /// <summary>Changes of a full segment.</summary>
    public const int SegmentSize = 256;

    private static readonly SegmentedLog s_log = new(SegmentSize, SegmentSize);

    /// <summary>What a user's grain has stored; null when it has stored nothing.</summary>
    public async Task<UserState?> ReadAsync(GrainId user, UserKey key, string name)
    {
        var head = new GrainState<SealedUserState>(new SealedUserState());
        await storage.ReadStateAsync(SealedUserState.Name, user, head);
        return head.RecordExists && head.State is { } state ? await OpenAsync(user, state, key, name) : null;
    }

    /// <summary>Opens a head with its segments.</summary>
    /// <exception cref="InvalidDataException">A segment is missing.</exception>
    public async Task<UserState> OpenAsync(GrainId user, SealedUserState head, UserKey key, string name) => new()
    {
        Changes = await SegmentedLog.ReadAsync(head.Out is null ? head.Segments : 0, SealedUserState.Open(head.Changes, key, name), Segments(user, key, name).ReadAsync),
        Out = head.Out,
        Segments = head.Segments,
    };

    /// <summary>Stores changes that no longer fit into the head as full segments; the head that counts them is to be written next.</summary>
    /// <returns>The state with its new number of segments.</returns>
    public async Task<UserState> StoreFullAsync(GrainId user, UserState state, UserKey key, string name) =>
        state with { Segments = (await s_log.AppendAsync(state.Segments, state.Tail, [], Segments(user, key, name).WriteAsync)).Segments };

    /// <summary>Erases the segments of a user who is out.</summary>
    public async Task EraseAsync(GrainId user, int segments, UserKey key, string name)
    {
        for (var number = 0; number < segments; number++)
        {
            await Segments(user, key, name).ClearAsync(number);
        }
    }

    private HistorySegments Segments(GrainId user, UserKey key, string name) => new(storage, user, key, name);
}
