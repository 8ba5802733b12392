using System.Collections.Immutable;
using Orleans.Storage;

namespace FedRec.Grains.Parties;

/// <summary>A list that is only appended to, stored in segments and a head that counts them and has what came after: one more costs a head's bytes at most, and never the list's.</summary>
/// <remarks>First the segments that are full, then the head, which whoever keeps it writes: a crash in between leaves segments that no head counts, and the next try
/// writes them again. By it users, organisations, registries and catalogues are kept; where a segment is written is their matter.</remarks>
/// <param name="HeadSize">What a head holds is fewer than this.</param>
/// <param name="SegmentSize">What a segment holds at most.</param>
internal sealed record SegmentedLog(int HeadSize, int SegmentSize)
{
    private const int InFlight = 16;

    /// <summary>Appends, and writes the segments that are full then.</summary>
    /// <param name="segments">Segments that there are.</param>
    /// <param name="tail">What came after them.</param>
    /// <param name="items">What comes now.</param>
    /// <param name="write">Writes a segment; durable when it returns, and repeated after a crash.</param>
    /// <returns>Segments and tail, to be written into the head next.</returns>
    public async Task<(int Segments, ImmutableArray<T> Tail)> AppendAsync<T>(int segments, ImmutableArray<T> tail, IEnumerable<T> items, Func<int, ImmutableArray<T>, Task> write)
    {
        var (rest, place) = (tail.AddRange(items), 0);
        while (rest.Length - place >= HeadSize)
        {
            var end = Math.Min(rest.Length, place + SegmentSize);
            await write(segments++, rest[place..end]);
            place = end;
        }

        return (segments, rest[place..]);
    }

    /// <summary>All that a log has, in order.</summary>
    public static async Task<ImmutableArray<T>> ReadAsync<T>(int segments, ImmutableArray<T> tail, Func<int, Task<ImmutableArray<T>>> read)
    {
        var all = ImmutableArray.CreateBuilder<T>();
        foreach (var numbers in Enumerable.Range(0, segments).Chunk(InFlight))
        {
            foreach (var segment in await Task.WhenAll(numbers.Select(read)))
            {
                all.AddRange(segment);
            }
        }

        all.AddRange(tail);
        return all.DrainToImmutable();
    }
}

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
