using FedRec.Core.Learners.LinearAlgebra;

namespace FedRec.Core.Tests.Learners.LinearAlgebra;

public sealed class GramTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(18)]
    [InlineData(32)]
    [InlineData(50)]
    [InlineData(64)]
    [InlineData(77)]
    [InlineData(128)]
    public void AddUpper_SelectedRows_EqualsDoublePrecisionSum(int dims)
    {
        var table = Matrices.Random(40 * dims, 7);
        int[] rows = [0, 39, 3, 3, 17, 21, 8];
        var gram = new float[dims * dims];

        Gram.AddUpper(table, dims, rows, gram);
        Gram.Mirror(gram, dims);

        AssertClose(Matrices.Gram(table, dims, rows), gram);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(64)]
    public void AddUpper_AllRows_AddsToWhatIsThere(int dims)
    {
        var table = Matrices.Random(40 * dims, 8);
        var gram = new float[dims * dims];

        Gram.AddUpper(table, dims, gram);
        Gram.AddUpper(table, dims, gram);
        Gram.Mirror(gram, dims);

        AssertClose(Matrices.Gram(table, dims, [.. Enumerable.Range(0, 40), .. Enumerable.Range(0, 40)]), gram);
    }

    [Fact]
    public void AddUpper_NoRows_ChangesNothing()
    {
        var gram = Matrices.Random(32 * 32, 9);
        var before = gram.ToArray();

        Gram.AddUpper(Matrices.Random(320, 1), 32, [], gram);

        Assert.Equal(before, gram);
    }

    [Fact]
    public void AddUpper_RowOutsideTheTable_NamesTheRow()
    {
        var error = Assert.Throws<ArgumentException>(() => Gram.AddUpper(new float[64], 32, [0, 2], new float[32 * 32]));

        Assert.Contains("Row 2 is not in a table of 2 rows", error.Message, StringComparison.Ordinal);
    }

    private static void AssertClose(double[] expected, float[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-4 * Math.Max(1, Math.Abs(expected[i])));
        }
    }
}
