using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FedRec.Core.Learners.LinearAlgebra;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Native;
using FedRec.Core.Snapshots;
using FedRec.Core.Updates;
using TorchSharp;

namespace FedRec.Core.Learners.ShallowAutoencoders;

/// <summary>A weight for each pair of items.</summary>
/// <remarks>What is kept of them is P = (G + Λ)⁻¹, of which they follow by Steck 2019, arXiv:1905.03375, equation 8: B = I − P·diag(1/P).
/// P is symmetric, so that it takes half of their room.</remarks>
internal sealed class DenseWeights : IItemWeights
{
    private const string Inverse = "inverse";
    private const int Tile = 256;
    private static readonly Lock s_solving = new(); // one after the other: each takes all cores, and 11 bytes a pair of items
    private readonly ReadOnlyMemory<float> _inverse; // P, the upper triangle row after row; empty where it is not kept
    private readonly float[] _values; // n × n, row-major: row i holds what own item i adds to each item
    private readonly int _items;

    private DenseWeights(ReadOnlyMemory<float> inverse, int items, bool isKept)
    {
        (_inverse, _items, _values) = (isKept ? inverse : default, items, new float[(long)items * items]);
        var p = inverse.Span;
        var diagonal = new float[items];
        for (var item = 0; item < items; item++)
        {
            diagonal[item] = p[BlockMeaning.PairIndex(item, item, items)];
        }

        for (var from = 0; from < items; from += Tile) // so that what is written across rows stays in cache
        {
            for (var low = 0; low < Math.Min(from + Tile, items); low++)
            {
                var high = Math.Max(from, low + 1);
                var place = BlockMeaning.PairIndex(low, high, items);
                for (; high < Math.Min(from + Tile, items); high++)
                {
                    var negative = -p[place++];
                    _values[((long)low * items) + high] = negative / diagonal[high];
                    _values[((long)high * items) + low] = negative / diagonal[low];
                }
            }
        }
    }

    /// <summary>Solves in double precision; what is kept is rounded to single precision.</summary>
    /// <param name="triangle">G, the upper triangle row after row, in units.</param>
    /// <param name="unit">What one user counts.</param>
    /// <param name="penalties">The diagonal of Λ, all greater than 0, so that G + Λ has an inverse.</param>
    /// <param name="isKept">Whether P is kept beside the weights.</param>
    public static DenseWeights Solve(ReadOnlySpan<float> triangle, double unit, ReadOnlySpan<double> penalties, bool isKept)
    {
        TorchLoader.EnsureLoaded();
        lock (s_solving)
        {
            LargeMemory.MakeRoom(SymmetricInverse.Bytes(penalties.Length));
            return new DenseWeights(Invert(triangle, unit, penalties), penalties.Length, isKept);
        }
    }

    /// <summary>Reads weights of so many items.</summary>
    /// <exception cref="InvalidDataException">They are of other items.</exception>
    public static DenseWeights Read(ModelSnapshot snapshot, int items)
    {
        var layout = Layout(items);
        return snapshot.Layout.Blocks.SequenceEqual(layout.Blocks) ? new DenseWeights(snapshot.Values, items, isKept: true)
            : throw new InvalidDataException($"The weights are not those of {items} items.");
    }

    /// <inheritdoc/>
    public ModelSnapshot ToSnapshot() => !_inverse.IsEmpty ? new(Layout(_items), _inverse) : throw new InvalidOperationException("What the weights follow from was not kept.");

    /// <inheritdoc/>
    public void Score(ReadOnlySpan<int> own, ReadOnlySpan<float> factors, Span<float> scores)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Length, _items);
        scores.Clear();
        ref var sums = ref MemoryMarshal.GetReference(scores);
        Span<(int Item, float Factor)> group = stackalloc (int, float)[4];
        var count = 0;
        for (var i = 0; i < own.Length; i++)
        {
            if (factors.IsEmpty || factors[i] > 0)
            {
                group[count++] = (own[i], factors.IsEmpty ? 1 : factors[i]);
            }

            if (count == group.Length) // in their order, as if one by one
            {
                VectorKernels.AddFour(ref First(group[0].Item), ref First(group[1].Item), ref First(group[2].Item), ref First(group[3].Item),
                    Vector128.Create(group[0].Factor, group[1].Factor, group[2].Factor, group[3].Factor), ref sums, _items);
                count = 0;
            }
        }

        foreach (var (item, factor) in group[..count])
        {
            TensorPrimitives.MultiplyAdd(Row(item), factor, scores, scores);
        }
    }

    /// <inheritdoc/>
    public float Weight(int own, int item) => Row(own)[item];

    private static ParameterLayout Layout(int items) => new([new ParameterBlock(Inverse, 1, checked((int)((long)items * (items + 1) / 2)))]);

    private static float[] Invert(ReadOnlySpan<float> triangle, double unit, ReadOnlySpan<double> penalties)
    {
        using var unrecorded = torch.no_grad();
        using var matrix = Matrix(triangle, unit, penalties);
        SymmetricInverse.Invert(matrix);
        return Upper(matrix);
    }

    // Its lower triangle, which is all that is read.
    private static torch.Tensor Matrix(ReadOnlySpan<float> triangle, double unit, ReadOnlySpan<double> penalties)
    {
        var items = penalties.Length;
        var upper = torch.zeros(items, items, torch.float64);
        for (int row = 0, next = 0; row < items; row++)
        {
            using var target = upper[row];
            var values = MemoryMarshal.Cast<byte, double>(target.bytes)[row..];
            for (var column = 0; column < values.Length; column++)
            {
                values[column] = triangle[next++] / unit;
            }

            values[0] += penalties[row];
        }

        using (upper)
        {
            return upper.t();
        }
    }

    private static float[] Upper(torch.Tensor inverse)
    {
        var items = (int)inverse.shape[0];
        var triangle = new float[(long)items * (items + 1) / 2];
        using var rows = inverse.t(); // the same, as it is symmetric, in the order of its memory
        for (int row = 0, next = 0; row < items; row++)
        {
            using var source = rows[row];
            foreach (var value in MemoryMarshal.Cast<byte, double>(source.bytes)[row..])
            {
                triangle[next++] = (float)value;
            }
        }

        return triangle;
    }

    private ReadOnlySpan<float> Row(int item) => MemoryMarshal.CreateReadOnlySpan(ref First(item), _items);

    private ref float First(int item) => ref _values[(long)item * _items];
}
