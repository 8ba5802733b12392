using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace FedRec.Grains.Parties;

/// <summary>Where users' grains store what their users did: a head with what came last, and full segments that are never written again.</summary>
internal sealed class UserStates([FromKeyedServices(GrainsSetup.StorageName)] IGrainStorage storage)
{
    /// <summary>Changes of a full segment.</summary>
    public const int SegmentSize = 256;

    /// <summary>What a user's grain has stored; null when it has stored nothing.</summary>
    public async Task<UserState?> ReadAsync(GrainId user, UserKey key, string name)
    {
        var head = new GrainState<SealedUserState>(new SealedUserState());
        await storage.ReadStateAsync(SealedUserState.Name, user, head);
        return head.RecordExists && head.State is { } state ? await OpenAsync(user, state, key, name) : null;
    }

    /// <summary>Opens a head with its segments.</summary>
    public async Task<UserState> OpenAsync(GrainId user, SealedUserState head, UserKey key, string name)
    {
        var earlier = new List<RecordedChange>();
        for (var segment = 0; segment < head.Segments && head.Out is null; segment++)
        {
            earlier.AddRange(SealedUserState.Open((await FindAsync(user, segment)).State!.Changes, key, name));
        }

        return head.Open(key, name, earlier);
    }

    /// <summary>Stores changes that no longer fit into the head as full segments; the head that counts them is to be written next.</summary>
    /// <returns>The state with its new number of segments.</returns>
    public async Task<UserState> StoreFullAsync(GrainId user, UserState state, UserKey key, string name)
    {
        while (state.Changes.Length - (state.Segments * SegmentSize) >= SegmentSize)
        {
            var segment = await FindAsync(user, state.Segments); // one that was written before a crash is written again
            segment.State = new SealedSegment { Changes = SealedUserState.Seal([.. state.Changes.Skip(state.Segments * SegmentSize).Take(SegmentSize)], key, name) };
            await storage.WriteStateAsync(NameOf(state.Segments), user, segment);
            state = state with { Segments = state.Segments + 1 };
        }

        return state;
    }

    /// <summary>Erases the segments of a user who is out.</summary>
    public async Task EraseAsync(GrainId user, int segments)
    {
        for (var number = 0; number < segments; number++)
        {
            var segment = await FindAsync(user, number);
            if (segment.RecordExists)
            {
                await storage.ClearStateAsync(NameOf(number), user, segment);
            }
        }
    }

    internal static string NameOf(int segment) => FormattableString.Invariant($"history-{segment}");

    private async Task<GrainState<SealedSegment>> FindAsync(GrainId user, int number)
    {
        var segment = new GrainState<SealedSegment>(new SealedSegment());
        await storage.ReadStateAsync(NameOf(number), user, segment);
        return segment;
    }
}

/// <summary>Some of what a user did, in order.</summary>
[GenerateSerializer, Alias("fedrec.state.user-segment")]
internal sealed record SealedSegment
{
    /// <summary>As <see cref="SealedUserState.Changes"/>.</summary>
    [Id(0)] public ReadOnlyMemory<byte> Changes { get; init; }
}
