using FedRec.Core.Randomness;

namespace FedRec.Core.Data.Partitions;

/// <summary>Deals members of groups to parties so that parties differ in what they hold and in how much.</summary>
/// <remarks>For each group the shares of the parties are one draw from Dirichlet(α), as in Hsu et al. 2019 with tastes in the place of
/// labels. Where a share falls between two members, chance decides, so that small groups do not always go to the same parties.</remarks>
internal static class SkewedDeal
{
    /// <summary>The party of each member.</summary>
    /// <param name="groupOf">The group of each member, from 0.</param>
    /// <param name="parties">From 1 to the number of members; every party gets at least one.</param>
    /// <param name="alpha">Concentration, above 0: near 0 a group goes to one party, when it is large to all alike.</param>
    /// <param name="seed">Equal seeds deal equally.</param>
    public static int[] Deal(ReadOnlySpan<int> groupOf, int parties, double alpha, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parties, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(parties, groupOf.Length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(alpha);
        var members = new SortedDictionary<int, List<int>>();
        for (var member = 0; member < groupOf.Length; member++)
        {
            (members.TryGetValue(groupOf[member], out var own) ? own : members[groupOf[member]] = []).Add(member);
        }

        var partyOf = new int[groupOf.Length];
        foreach (var (group, own) in members)
        {
            DealGroup([.. own], alpha, parties, SeedSequence.For(seed, "deal-skewed", group), partyOf);
        }

        FillEmpty(partyOf, parties);
        return partyOf;
    }

    private static void DealGroup(int[] members, double alpha, int parties, SeededRandom random, int[] partyOf)
    {
        random.Shuffle(members.AsSpan());
        var shares = DirichletDraw.Next(parties, alpha, ref random);
        var (until, place, next) = (0.0, random.NextDouble(), 0);
        for (var party = 0; party < shares.Length; party++)
        {
            until += shares[party];
            var end = party == shares.Length - 1 ? members.Length : Math.Min(members.Length, (int)((until * members.Length) + place));
            for (; next < end; next++)
            {
                partyOf[members[next]] = party;
            }
        }
    }

    // A party without anybody takes one from the largest.
    private static void FillEmpty(int[] partyOf, int parties)
    {
        var sizes = new int[parties];
        foreach (var party in partyOf)
        {
            sizes[party]++;
        }

        for (var empty = Array.IndexOf(sizes, 0); empty >= 0; empty = Array.IndexOf(sizes, 0))
        {
            var largest = Array.IndexOf(sizes, sizes.Max());
            partyOf[Array.LastIndexOf(partyOf, largest)] = empty;
            sizes[largest]--;
            sizes[empty]++;
        }
    }
}
