using FedRec.Core.Data;
using FedRec.Core.Randomness;
using FedRec.Core.Snapshots;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.ShallowAutoencoders;

/// <summary>XᵀX seen through k columns of random signs: Y = XᵀX·S, and the items' own counts in full.</summary>
/// <remarks>For catalogues whose pairs do not fit into memory: n·(k + 1) numbers instead of n·(n + 1)/2. A user adds the sum of the
/// own items' signs to each own row, so everything stays a whole number and is as exactly removable as <see cref="PairCounts"/>.
/// Tropp et al. 2017, arXiv:1706.05736, for the approximation that is made of Y.</remarks>
internal sealed class SketchedCounts : ICoOccurrences
{
    private readonly ParameterBlock[] _blocks;
    private readonly int _items;
    private readonly int _columns;

    /// <summary>Plans a sketch; more columns than items would tell nothing new.</summary>
    public SketchedCounts(int items, int columns)
    {
        (_items, _columns) = (items, Math.Min(columns, items));
        _blocks = [new("sketch", items, _columns), new("item_counts", 1, items)];
    }

    /// <inheritdoc/>
    public ReadOnlySpan<ParameterBlock> Blocks => _blocks;

    /// <inheritdoc/>
    public IShare CreateShare() => new Share(_items, _columns);

    /// <inheritdoc/>
    public void Counts(ReadOnlySpan<float> statistics, Span<float> counts) => statistics.Slice(_items * _columns, _items).CopyTo(counts);

    /// <inheritdoc/>
    public IItemWeights Solve(ReadOnlySpan<float> statistics, double unit, ReadOnlySpan<double> penalties, bool isKept)
    {
        var signs = new double[(long)_items * _columns];
        var row = new float[_columns];
        for (var item = 0; item < _items; item++)
        {
            Array.Clear(row);
            AddSigns(item, 1, row);
            for (var column = 0; column < _columns; column++)
            {
                signs[((long)item * _columns) + column] = row[column];
            }
        }

        return FactoredWeights.Solve(statistics[..(_items * _columns)], signs, statistics.Slice(_items * _columns, _items), penalties);
    }

    /// <inheritdoc/>
    public IItemWeights Read(ModelSnapshot snapshot) => FactoredWeights.Read(snapshot, _items);

    /// <summary>Adds an item's row of S: ±1, the same in every run, so that versions can be added up.</summary>
    private static void AddSigns(int item, float factor, Span<float> row)
    {
        var random = SeedSequence.For(0, "ease.sketch", item);
        var bits = 0UL;
        for (var column = 0; column < row.Length; column++)
        {
            bits = column % 64 == 0 ? random.NextUInt64() : bits >> 1;
            row[column] += (bits & 1) == 0 ? factor : -factor;
        }
    }

    private sealed class Share(int items, int columns) : IShare
    {
        private readonly float[] _signs = new float[columns];

        public double Add(UserHistory before, UserHistory after, TimeKernel kernel, UpdateBuffer output)
        {
            if (before.Items.SequenceEqual(after.Items))
            {
                return 0;
            }

            Add(before.Items, -1, output);
            Add(after.Items, 1, output);
            return before.Items.Length + after.Items.Length;
        }

        private void Add(ReadOnlySpan<int> own, float factor, UpdateBuffer output)
        {
            Array.Clear(_signs);
            foreach (var item in own)
            {
                AddSigns(item, factor, _signs);
            }

            var rows = output.Rows(own, columns);
            for (var start = 0; start < rows.Length; start += columns)
            {
                _signs.CopyTo(rows[start..]);
            }

            foreach (var item in own)
            {
                output.Segment((items * columns) + item, 1)[0] = factor;
            }
        }
    }
}
