using System.Collections.Immutable;
using Orleans.Storage;

namespace FedRec.Grains.Parties;

/// <summary>Segments of what the users of a client did, sealed, as states of the client's grain.</summary>
internal sealed class HistorySegments(IGrainStorage storage, GrainId grain, UserKey key, string client)
{
    /// <summary>Name of the stored state of a segment.</summary>
    public static string NameOf(int number) => FormattableString.Invariant($"history-{number}");

    /// <summary>What a segment holds.</summary>
    /// <exception cref="InvalidDataException">It is missing.</exception>
    public async Task<ImmutableArray<RecordedChange>> ReadAsync(int number)
    {
        var segment = await FindAsync(number);
        return segment.RecordExists ? SealedUserState.Open(segment.State!.Changes, key, client)
            : throw new InvalidDataException(
                $"{NameOf(number)} of {grain}, which is counted as stored, is missing in the store. Restore it from a backup; until then nothing of this client is read or recorded.");
    }

    /// <summary>Writes a segment; one that is there is replaced.</summary>
    public async Task WriteAsync(int number, ImmutableArray<RecordedChange> changes)
    {
        var segment = await FindAsync(number);
        segment.State = new SealedSegment { Changes = SealedUserState.Seal(changes, key, client) };
        await storage.WriteStateAsync(NameOf(number), grain, segment);
    }

    /// <summary>Removes a segment, if it is there.</summary>
    public async Task ClearAsync(int number)
    {
        var segment = await FindAsync(number);
        if (segment.RecordExists)
        {
            await storage.ClearStateAsync(NameOf(number), grain, segment);
        }
    }

    private async Task<GrainState<SealedSegment>> FindAsync(int number)
    {
        var segment = new GrainState<SealedSegment>(new SealedSegment());
        await storage.ReadStateAsync(NameOf(number), grain, segment);
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
