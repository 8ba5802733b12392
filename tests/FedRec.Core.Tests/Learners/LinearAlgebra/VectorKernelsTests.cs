using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FedRec.Core.Learners.LinearAlgebra;

namespace FedRec.Core.Tests.Learners.LinearAlgebra;

public sealed class VectorKernelsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(33)]
    public void Dot_AnyLength_EqualsDoublePrecisionSum(int length)
    {
        var (a, b) = (Matrices.Random(length, 1), Matrices.Random(length, 2));

        var dot = VectorKernels.Dot(a, b);

        Assert.Equal(a.Zip(b, (x, y) => (double)x * y).Sum(), dot, 1e-5);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(33)]
    public void AddScaled_AnyLength_AddsEachValue(int length)
    {
        var (values, target) = (Matrices.Random(length, 1), Matrices.Random(length, 2));
        var expected = target.Zip(values, (t, v) => MathF.FusedMultiplyAdd(0.5f, v, t)).ToArray();

        VectorKernels.AddScaled(values, 0.5f, target);

        Assert.Equal(expected, target);
    }

    [Theory]
    [InlineData(1, 40)]
    [InlineData(16, 16)]
    [InlineData(32, 33)]
    [InlineData(64, 48)]
    [InlineData(77, 31)]
    public void Products_OfAnyTable_AreBitForBitTheProductsOneByOne(int dims, int rows)
    {
        var (table, vector, products) = (Matrices.Random(rows * dims, 1), Matrices.Random(dims, 2), new float[rows]);

        VectorKernels.Products(table, vector, products);

        var expected = Enumerable.Range(0, rows).Select(row => VectorKernels.Dot(table.AsSpan(row * dims, dims), vector));
        Assert.Equal(expected.Select(BitConverter.SingleToUInt32Bits), products.Select(BitConverter.SingleToUInt32Bits));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(53)]
    public void AddFour_AnyLength_IsBitForBitFourMultiplyAddsInTheirOrder(int length)
    {
        float[][] rows = [.. Enumerable.Range(1, 4).Select(seed => Matrices.Random(length, (ulong)seed))];
        float[] factors = [0.37f, 1, 1e-4f, 0.9f];
        var (target, expected) = (Matrices.Random(length, 5), Matrices.Random(length, 5));
        for (var row = 0; row < rows.Length; row++)
        {
            TensorPrimitives.MultiplyAdd(rows[row], factors[row], expected, expected);
        }

        VectorKernels.AddFour(ref First(rows[0]), ref First(rows[1]), ref First(rows[2]), ref First(rows[3]), Vector128.Create(factors), ref First(target), length);

        Assert.Equal(Array.ConvertAll(expected, BitConverter.SingleToUInt32Bits), Array.ConvertAll(target, BitConverter.SingleToUInt32Bits));
        static ref float First(float[] values) => ref MemoryMarshal.GetArrayDataReference(values);
    }

    [Fact]
    public void Dot_DifferentLengths_Throws() =>
        Assert.Throws<ArgumentException>(() => VectorKernels.Dot([1f], [1f, 2f]));

    [Fact]
    public void Sum_RoundedValues_AddsHalvesInAFixedOrder()
    {
        var values = Matrices.Random(16, 5);
        var lanes = values.ToArray();
        for (var half = 8; half >= 1; half /= 2)
        {
            lanes = [.. Enumerable.Range(0, half).Select(i => lanes[i] + lanes[i + half])];
        }

        Assert.Equal(lanes[0], VectorKernels.Sum(Vector512.Create(values)));
    }

    // A sum of the tensor library follows the width of the processor's vectors, and for long vectors where they lie in memory.
    [Theory]
    [InlineData(7)]
    [InlineData(256)]
    [InlineData(1_001)]
    public void Sums_WhereverTheValuesLie_AreThoseOfSixteenLanes(int length)
    {
        var (left, right) = (Matrices.Random(length, 3), Matrices.Random(length, 4));
        var expected = (Lanes(left, right: null), Lanes(left, left), Lanes([.. left.Zip(right, (a, b) => a - b)], [.. left.Zip(right, (a, b) => a - b)]));

        Assert.All(Enumerable.Range(0, 16), offset =>
        {
            var (one, other) = (new float[length + 16], new float[length + 16]);
            left.CopyTo(one, offset);
            right.CopyTo(other, offset);
            ReadOnlySpan<float> a = one.AsSpan(offset, length);
            ReadOnlySpan<float> b = other.AsSpan(offset, length);
            Assert.Equal(expected, (VectorKernels.Sum(a), VectorKernels.Dot(a, a), VectorKernels.SquaredDistance(a, b)));
        });
    }

    // Lane by lane, in scalars: the same on every machine.
    private static float Lanes(float[] left, float[]? right)
    {
        var lanes = new float[VectorKernels.Lanes];
        var whole = left.Length / lanes.Length * lanes.Length;
        for (var i = 0; i < whole; i++)
        {
            ref var lane = ref lanes[i % lanes.Length];
            lane = right is null ? lane + left[i] : MathF.FusedMultiplyAdd(left[i], right[i], lane);
        }

        for (var half = lanes.Length / 2; half >= 1; half /= 2)
        {
            lanes = [.. Enumerable.Range(0, half).Select(i => lanes[i] + lanes[i + half])];
        }

        for (var i = whole; i < left.Length; i++)
        {
            lanes[0] = right is null ? lanes[0] + left[i] : MathF.FusedMultiplyAdd(left[i], right[i], lanes[0]);
        }

        return lanes[0];
    }
}
