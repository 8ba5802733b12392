using FedRec.Core.Data;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Snapshots;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.ShallowAutoencoders;

/// <summary>Every pair's count: the upper triangle of XᵀX, row after row, with the items' own counts on the diagonal.</summary>
/// <remarks>n·(n + 1)/2 numbers: 5.7 MB for 1,682 items, 27 MB for 3,706, 200 MB for 10,000; as sums twice that, and the weights
/// n² numbers. Exact up to 2²⁴ users, above which a float32 no longer holds every whole number.</remarks>
internal sealed class PairCounts(int items) : ICoOccurrences
{
    private readonly ParameterBlock[] _blocks = [new("pair_counts", 1, checked((int)((long)items * (items + 1) / 2)))];

    /// <inheritdoc/>
    public ReadOnlySpan<ParameterBlock> Blocks => _blocks;

    /// <inheritdoc/>
    public IShare CreateShare() => new Share(items);

    /// <inheritdoc/>
    public void Counts(ReadOnlySpan<float> statistics, Span<float> counts)
    {
        for (var item = 0; item < items; item++)
        {
            counts[item] = statistics[BlockMeaning.PairIndex(item, item, items)];
        }
    }

    /// <inheritdoc/>
    public IItemWeights Solve(ReadOnlySpan<float> statistics, double unit, ReadOnlySpan<double> penalties, bool isKept) =>
        DenseWeights.Solve(statistics[.._blocks[0].Length], unit, penalties, isKept);

    /// <inheritdoc/>
    public IItemWeights Read(ModelSnapshot snapshot) => DenseWeights.Read(snapshot, items);

    /// <summary>The counts of some items among themselves.</summary>
    /// <param name="statistics">Those of all.</param>
    /// <param name="some">The items, ascending.</param>
    public float[] Among(ReadOnlySpan<float> statistics, ReadOnlySpan<int> some)
    {
        var (triangle, next) = (new float[(long)some.Length * (some.Length + 1) / 2], 0);
        for (var low = 0; low < some.Length; low++)
        {
            for (var high = low; high < some.Length; high++)
            {
                triangle[next++] = statistics[BlockMeaning.PairIndex(some[low], some[high], items)];
            }
        }

        return triangle;
    }

    private sealed class Share(int items) : IShare
    {
        private int[] _places = [];
        private float[] _values = [];
        private int[] _placesBefore = [];
        private float[] _valuesBefore = [];

        public double Add(UserHistory before, UserHistory after, TimeKernel kernel, UpdateBuffer output)
        {
            var becomes = Pairs(after, kernel, ref _places, ref _values);
            var was = Pairs(before, kernel, ref _placesBefore, ref _valuesBefore);
            var count = was == 0 ? becomes : Subtract(was, becomes);
            _values.AsSpan(0, count).CopyTo(output.Rows(_places.AsSpan(0, count), columns: 1));
            return kernel.Unit;
        }

        /// <summary>The places of all pairs of a user's items, ascending, and what each counts.</summary>
        /// <returns>Their number.</returns>
        private int Pairs(UserHistory history, TimeKernel kernel, ref int[] places, ref float[] values)
        {
            var own = history.Items.Length;
            var count = checked(own * (own + 1) / 2);
            if (places.Length < count)
            {
                (places, values) = (new int[count], new float[count]);
            }

            var next = 0;
            for (var i = 0; i < own; i++)
            {
                var row = BlockMeaning.PairIndex(history.Items[i], history.Items[i], items) - history.Items[i];
                var from = next - i;
                kernel.Row(history, i, values.AsSpan(next, own - i));
                for (var j = i; j < own; j++)
                {
                    var value = values[from + j];
                    places[next] = row + history.Items[j];
                    values[next] = value;
                    next += value == 0 ? 0 : 1;
                }
            }

            return next;
        }

        /// <summary>What the pairs of now count more than those of before; pairs without a difference are left out.</summary>
        private int Subtract(int was, int becomes)
        {
            var (places, values) = (new int[was + becomes], new float[was + becomes]);
            var (a, b, count) = (0, 0, 0);
            while (a < was || b < becomes)
            {
                var (before, after) = (a < was ? _placesBefore[a] : int.MaxValue, b < becomes ? _places[b] : int.MaxValue);
                var place = Math.Min(before, after);
                var value = (after == place ? _values[b++] : 0) - (before == place ? _valuesBefore[a++] : 0);
                (places[count], values[count]) = (place, value);
                count += value == 0 ? 0 : 1;
            }

            (_places, _values) = (places, values);
            return count;
        }
    }
}
