using FedRec.Core.Randomness;

namespace FedRec.Core.Data.Partitions;

/// <summary>Puts the parties that data has into fewer, larger ones: branches into companies. No party is cut.</summary>
internal static class PartyGroups
{
    /// <summary>The group of each party.</summary>
    /// <param name="dataset">Names its parties.</param>
    /// <param name="count">Number of groups, from 1 to the number of parties; none is empty.</param>
    /// <param name="alpha">Above 0: parties of one taste go together by a Dirichlet draw, see <see cref="SkewedDeal"/>; 0: at random, equally many to each.</param>
    /// <param name="seed">Equal seeds group equally.</param>
    public static int[] Of(Dataset dataset, int count, double alpha, ulong seed)
    {
        var parties = dataset.Parties!.Names.Count;
        return alpha > 0 ? SkewedDeal.Deal(TasteOf(dataset, parties, seed), count, alpha, seed) : Evenly(parties, count, seed);
    }

    private static int[] Evenly(int parties, int count, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, parties);
        var groups = Enumerable.Range(0, parties).Select(party => party % count).ToArray();
        var random = SeedSequence.For(seed, "group-parties");
        random.Shuffle(groups.AsSpan());
        return groups;
    }

    // That of most of its users; of equals the first.
    private static int[] TasteOf(Dataset dataset, int parties, ulong seed)
    {
        var tastes = TasteGroups.Of(dataset, seed);
        var counts = new int[parties, tastes.Max() + 1];
        for (var user = 0; user < tastes.Length; user++)
        {
            counts[dataset.Parties!.Of(user), tastes[user]]++;
        }

        return [.. Enumerable.Range(0, parties).Select(party => Enumerable.Range(0, counts.GetLength(1)).MaxBy(taste => counts[party, taste]))];
    }
}
