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
}
