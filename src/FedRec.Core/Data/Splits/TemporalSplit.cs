using FedRec.Core.Data.Behaviours;

namespace FedRec.Core.Data.Splits;

/// <summary>One cut in time for everybody: what lies before it is for training, and what each user met first after it is to be found.</summary>
/// <remarks><para>Leave-last-out lets a model learn from what others did after the moment that it is asked about; with one cut nothing does (Meng et al. 2020,
/// "Exploring data splitting strategies"; Ji et al. 2023, "A critical study on data leakage"; Hidasi and Czapp 2023, "Widespread flaws in offline evaluation").
/// One item is held out of each user, as leave-last-out does, so that the metrics mean the same. It is the first one after the cut, as histories end
/// there: of the targets that Gusak et al. 2025 ("Time to split") compare, the others ask for histories that go on.</para>
/// <para>What a user had met before the cut is no candidate, so it is not held out either. Users without training rows, and items without any, are beyond what is
/// learned from others' rows: they are evaluated apart. The end of training is the same with and without a cut for validation: rows between the two
/// cuts are known before the test, so they are no candidates, but as with leave-last-out neither training nor scorers see them.</para></remarks>
internal sealed class TemporalSplit
{
    private static readonly InteractionSplit[] s_sides = [InteractionSplit.Train, InteractionSplit.BeforeTest, InteractionSplit.Later];
    private readonly InteractionLog _log;
    private readonly UserRows _rows;
    private readonly HashSet<int> _context;
    private readonly RowWeights? _weights;
    private readonly DatasetOptions _options;
    private readonly TimeCut _cut;
    private readonly InteractionSplit[] _splits;

    private TemporalSplit(InteractionLog log, UserRows rows, HashSet<int> context, RowWeights? weights, DatasetOptions options, TimeCut cut)
    {
        (_log, _rows, _context, _weights, _options, _cut, _splits) = (log, rows, context, weights, options, cut, new InteractionSplit[log.Count]);
        for (var user = 0; user < rows.UserCount; user++)
        {
            Merged += PlaceAll(rows[user]);
        }

        HoldOut();
    }

    /// <summary>What each row is used for.</summary>
    public InteractionSplit[] Splits => _splits;

    /// <summary>Rows that were merged into others of the same user and item on the same side of the cuts.</summary>
    public long Merged { get; }

    /// <summary>Splits a log.</summary>
    /// <param name="log">The interactions.</param>
    /// <param name="rows">They by user and item.</param>
    /// <param name="context">Items that are never held out and do not move the cut; what users met of them after training is not used.</param>
    /// <param name="weights">What rows count; null when all count alike.</param>
    /// <param name="options">The share after the cut, whether validation is held out, and the seed, which decides between rows of one time.</param>
    /// <param name="file">To blame for what is missing.</param>
    /// <exception cref="DatasetException">The data has no times, or too few different ones.</exception>
    public static TemporalSplit Of(InteractionLog log, UserRows rows, IReadOnlyList<int> context, RowWeights? weights, DatasetOptions options, string file)
    {
        if (log.TimestampColumn.IsEmpty)
        {
            throw new DatasetException(
                "A temporal split needs times, but the rows have none.", "Add a column of times, name it with --time-column, or take --split leave-last-out.", file);
        }

        var never = context.ToHashSet();
        long[] times = [.. Enumerable.Range(0, log.Count).Where(row => !never.Contains(log.ItemColumn[row])).Select(row => log.TimestampColumn[row])];
        var cuts = options.HoldOutValidation ? "both cuts, for validation and for the test" : "its cut";
        var cut = TimeCut.Of(times, options.TestShare, options.HoldOutValidation) ?? throw new DatasetException(
            $"A temporal split needs times before and after {cuts}, "
            + $"but of the {times.Length} rows too many have the same time ({times.Distinct().Count()} different).",
            "Give data over a longer time, or take --split leave-last-out.", file);
        return new TemporalSplit(log, rows, never, weights, options, cut);
    }

    /// <summary>Rows of some splits together, without weights; null when there are none.</summary>
    public UserItems? Pack(params ReadOnlySpan<InteractionSplit> some)
    {
        var chosen = new InteractionSplit[_splits.Length];
        for (var row = 0; row < chosen.Length; row++)
        {
            chosen[row] = some.Contains(_splits[row]) ? InteractionSplit.Test : InteractionSplit.Train;
        }

        return chosen.Contains(InteractionSplit.Test) ? _rows.Pack(_log, chosen, InteractionSplit.Test, []) : null;
    }

    /// <summary>How it was split, in words.</summary>
    public string Protocol() => TemporalProtocol.Of(_log, _splits, _cut, _options.TestShare);

    private long PlaceAll(ReadOnlySpan<int> own)
    {
        var merged = 0L;
        for (var start = 0; start < own.Length;)
        {
            var end = start + 1;
            while (end < own.Length && _log.ItemColumn[own[end]] == _log.ItemColumn[own[start]])
            {
                end++;
            }

            merged += Place(own[start..end]);
            start = end;
        }

        return merged;
    }

    // The rows of one user and item: one of the earliest side that has some is kept, and afterwards the item is no longer new.
    private long Place(ReadOnlySpan<int> pair)
    {
        var (met, merged) = (false, 0L);
        foreach (var side in s_sides)
        {
            var kept = -1;
            foreach (var row in pair)
            {
                if (SideOf(row) != side)
                {
                    continue;
                }

                if (met)
                {
                    _splits[row] = InteractionSplit.MetBefore;
                }
                else
                {
                    merged += kept < 0 ? 0 : 1;
                    kept = kept < 0 ? row : Merge(row, kept, side);
                }
            }

            if (kept >= 0)
            {
                _splits[kept] = side == InteractionSplit.Train && _weights?.CountsNothing(kept) == true ? InteractionSplit.LeftOut : side;
                met = _splits[kept] != InteractionSplit.LeftOut;
            }
        }

        return merged;
    }

    // In training the last row counts, as everywhere; afterwards the first one, which is the one to be found.
    private int Merge(int row, int other, InteractionSplit side)
    {
        var stays = side == InteractionSplit.Train ? RowOrder.IsLater(_log, row, other) : RowOrder.IsEarlier(_log, row, other, _options.SplitSeed);
        var (merged, kept) = stays ? (other, row) : (row, other);
        _splits[merged] = InteractionSplit.Merged;
        _weights?.Merge(merged, kept);
        return kept;
    }

    private InteractionSplit SideOf(int row) =>
        _log.TimestampColumn[row] < _cut.Validation ? InteractionSplit.Train
        : _log.TimestampColumn[row] < _cut.Test ? InteractionSplit.BeforeTest
        : InteractionSplit.Later;

    private void HoldOut()
    {
        var known = new bool[_log.Items.Count];
        for (var row = 0; row < _splits.Length; row++)
        {
            known[_log.ItemColumn[row]] |= _splits[row] == InteractionSplit.Train;
        }

        for (var user = 0; user < _rows.UserCount; user++)
        {
            var (validation, test) = (First(_rows[user], InteractionSplit.BeforeTest), First(_rows[user], InteractionSplit.Later));
            var trained = IsTrained(_rows[user]);
            if (validation >= 0 && trained && known[_log.ItemColumn[validation]])
            {
                _splits[validation] = InteractionSplit.Validation;
            }

            if (test >= 0)
            {
                _splits[test] = trained && known[_log.ItemColumn[test]] ? InteractionSplit.Test : InteractionSplit.ColdTest;
            }
        }
    }

    private bool IsTrained(ReadOnlySpan<int> own)
    {
        foreach (var row in own)
        {
            if (_splits[row] == InteractionSplit.Train)
            {
                return true;
            }
        }

        return false;
    }

    private int First(ReadOnlySpan<int> own, InteractionSplit side)
    {
        var first = -1;
        foreach (var row in own)
        {
            if (_splits[row] == side && !_context.Contains(_log.ItemColumn[row]) && (first < 0 || RowOrder.IsEarlier(_log, row, first, _options.SplitSeed)))
            {
                first = row;
            }
        }

        return first;
    }
}
