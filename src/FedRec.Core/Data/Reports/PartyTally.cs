using FedRec.Core.Data.Times;

namespace FedRec.Core.Data.Reports;

/// <summary>What a party counts of its own rows. Exact, so it stays with the party; <see cref="PartySummary"/> is what leaves.</summary>
/// <param name="Users">Users with at least one interaction.</param>
/// <param name="PerItem">Interactions of each item of the catalogue.</param>
/// <param name="Times">Times of its interactions in seconds, ascending; empty without times.</param>
/// <param name="Cells">Interactions of each kind of item.</param>
/// <param name="CellUsers">Users that have something of each kind.</param>
internal sealed record PartyTally(int Users, int[] PerItem, long[] Times, long[] Cells, int[] CellUsers)
{
    /// <summary>Interactions of all users.</summary>
    public long Interactions => PerItem.Sum(count => (long)count);

    /// <summary>Counts the rows of some users, of all splits.</summary>
    public static PartyTally Of(Dataset dataset, IEnumerable<int> users, InterestCells cells)
    {
        var (active, times) = (0, new List<long>());
        var holdings = new PartyTally(0, new int[dataset.Items.Count], [], new long[cells.Count], new int[cells.Count]);
        foreach (var user in users)
        {
            var seen = new HashSet<int>();
            var any = false;
            foreach (var split in dataset.Splits.Where(split => user < split.UserCount))
            {
                any |= !split.Items(user).IsEmpty;
                times.AddRange(split.Timestamps(user));
                holdings.Add(split.Items(user), cells, seen);
            }

            active += any ? 1 : 0;
            foreach (var cell in seen)
            {
                holdings.CellUsers[cell]++;
            }
        }

        return holdings with { Users = active, Times = [.. times.Order().Select(time => dataset.TimeUnit.ToSeconds(time))] };
    }

    private void Add(ReadOnlySpan<int> items, InterestCells cells, HashSet<int> seen)
    {
        foreach (var item in items)
        {
            PerItem[item]++;
            foreach (var cell in cells.OfItem[item])
            {
                Cells[cell]++;
                seen.Add(cell);
            }
        }
    }
}
