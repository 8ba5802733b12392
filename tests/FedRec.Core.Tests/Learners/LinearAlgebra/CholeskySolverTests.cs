using FedRec.Core.Learners.LinearAlgebra;

namespace FedRec.Core.Tests.Learners.LinearAlgebra;

public sealed class CholeskySolverTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(256)]
    public void Solve_PositiveDefinite_EqualsDoublePrecisionElimination(int order)
    {
        var matrix = PositiveDefinite(order);
        var vector = Matrices.Random(order, 3);
        var expected = Matrices.Solve(matrix, vector);

        Assert.True(CholeskySolver.TryFactor(matrix, order));
        CholeskySolver.Solve(matrix, order, vector);

        for (var i = 0; i < order; i++)
        {
            Assert.Equal(expected[i], vector[i], 1e-4);
        }
    }

    [Fact]
    public void TryFactor_TwoByTwo_GivesTheFactorByHand()
    {
        float[] matrix = [4, 2, float.NaN, 10]; // U = [2 1; 0 3]; the lower triangle is never used

        Assert.True(CholeskySolver.TryFactor(matrix, 2));

        Assert.Equal([2f, 1f, 3f], [matrix[0], matrix[1], matrix[3]]);
    }

    [Theory]
    [InlineData(1f, 2f, 1f)]
    [InlineData(0f, 0f, 1f)]
    [InlineData(float.NaN, 0f, 1f)]
    [InlineData(float.PositiveInfinity, 0f, 1f)]
    public void TryFactor_NotPositiveDefinite_SaysSo(float a, float b, float c) =>
        Assert.False(CholeskySolver.TryFactor([a, b, b, c], 2));

    [Fact]
    public void TryFactor_WrongLength_Throws() =>
        Assert.Throws<ArgumentException>(() => CholeskySolver.TryFactor(new float[10], 3));

    [Fact]
    public void Solve_AfterWarmUp_AllocatesNothing()
    {
        const int order = 64;
        var matrix = PositiveDefinite(order);
        var vector = Matrices.Random(order, 3);
        CholeskySolver.TryFactor(matrix, order);
        CholeskySolver.Solve(matrix, order, vector);

        var before = GC.GetAllocatedBytesForCurrentThread();
        CholeskySolver.TryFactor(matrix, order);
        CholeskySolver.Solve(matrix, order, vector);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static float[] PositiveDefinite(int order)
    {
        var matrix = new float[order * order];
        Gram.AddUpper(Matrices.Random(2 * order * order, 2), order, matrix);
        Gram.Mirror(matrix, order);
        for (var i = 0; i < order; i++)
        {
            matrix[(i * order) + i] += order;
        }

        return matrix;
    }
}
