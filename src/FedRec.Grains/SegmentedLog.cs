using System.Collections.Immutable;

namespace FedRec.Grains;

/// <summary>A list that is only appended to, stored in segments and a head that counts them and has what came after: one more costs a head's bytes at most, and never the list's.</summary>
/// <remarks>First the segments that are full, then the head, which whoever keeps it writes: a crash in between leaves segments that no head counts, and the next try
/// writes them again. By it users, organisations, registries, catalogues and ledgers are kept; where a segment is written is their matter.</remarks>
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
