namespace FedRec.Core.Data.Alignment;

/// <summary>What parties have in common, found from their hashes alone.</summary>
internal sealed class ItemOverlap
{
    private readonly Dictionary<string, int> _holders;

    private ItemOverlap(Dictionary<string, int> holders, IReadOnlyList<(int First, int Second, int Shared)> pairs, int parties)
    {
        (_holders, Pairs) = (holders, pairs);
        Shared = holders.Count(hash => hash.Value > 1);
        SharedByAll = holders.Count(hash => hash.Value == parties);
    }

    /// <summary>Items that every two parties share.</summary>
    public IReadOnlyList<(int First, int Second, int Shared)> Pairs { get; }

    /// <summary>Items that at least two parties have.</summary>
    public int Shared { get; }

    /// <summary>Items that all parties have.</summary>
    public int SharedByAll { get; }

    /// <param name="parties">The hashes of each party; at least two parties.</param>
    public static ItemOverlap Of(IReadOnlyList<IReadOnlySet<string>> parties)
    {
        var holders = parties.SelectMany(hashes => hashes).CountBy(hash => hash, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var pairs =
            from first in Enumerable.Range(0, parties.Count)
            from second in Enumerable.Range(first + 1, parties.Count - first - 1)
            select (first, second, parties[first].Count(parties[second].Contains));
        return new ItemOverlap(holders, [.. pairs], parties.Count);
    }

    /// <summary>Whether at least two parties have an item.</summary>
    public bool IsShared(string hash) => _holders.GetValueOrDefault(hash) > 1;
}
