using FedRec.Core.Learners.PrincipalComponents;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Learners.PrincipalComponents;

/// <summary>Noise has no directions; what stands out of it is found, and counts the less the less it stands out.</summary>
public sealed class DirectionsTests
{
    private const int Size = 120;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Find_InNoise_FindsNextToNothing(int seed) =>
        Assert.InRange(Directions.Find(Noise(seed, deviation: 0.3), 0.3).Length / Size, 0, 1); // the largest of noise is at the edge, a little above or below it

    [Theory]
    [InlineData(2.0, 0.5)]
    [InlineData(5.0, 0.85)]
    [InlineData(50.0, 0.98)]
    public void Find_OfADirectionInNoise_FindsItAsFarAsItStandsOut(double strength, double least)
    {
        var (deviation, edge) = (0.3, 0.3 * Math.Sqrt(Size)); // half of where noise ends: below it nothing can be found
        double[] direction = [.. Enumerable.Range(0, Size).Select(i => Math.Sqrt(2.0 / Size) * Math.Sin((2 * Math.PI * (i + 0.5)) / Size))];
        var matrix = Noise(4, deviation);
        for (var i = 0; i < matrix.Length; i++)
        {
            matrix[i] += strength * edge * direction[i / Size] * direction[i % Size];
        }

        var rows = Directions.Find(matrix, deviation);
        var rank = rows.Length / Size;

        double Along(int column) => Enumerable.Range(0, Size).Sum(row => rows[(row * rank) + column] * direction[row]);
        double Length(int column) => Enumerable.Range(0, Size).Sum(row => (double)rows[(row * rank) + column] * rows[(row * rank) + column]);
        Assert.InRange(rank, 1, 2);
        Assert.InRange(Along(rank - 1) * Along(rank - 1) / Length(rank - 1), least, 1); // the squared cosine, 1 − 1/strength² in the limit
        Assert.Equal(Expected(strength), Length(rank - 1), 0.12);
    }

    // Noise of edge 2 makes an eigenvalue of s + 1/s of one of s, and turns its vector by an angle of cos² = 1 − 1/s².
    [Theory]
    [InlineData(1.01)]
    [InlineData(2.0)]
    [InlineData(50.0)]
    public void Gain_OfAnEigenvalue_IsThatOfTheNearestMatrixInARidge(double strength) => Assert.Equal(Expected(strength), Directions.Gain(strength + (1 / strength), 2), 1e-12);

    private static double Expected(double strength) => strength - (1 / strength) is var kept ? kept / (kept + 1) : 0;

    [Fact]
    public void Find_WithoutNoise_KeepsEachDirectionThatIsThere()
    {
        var matrix = new double[9];
        (matrix[0], matrix[4]) = (2, 1);

        var rows = Directions.Find(matrix, 0);

        Assert.Equal(2 * 3, rows.Length);
        Assert.Equal([1, 1, 0], Enumerable.Range(0, 3).Select(row => Math.Round((rows[2 * row] * rows[2 * row]) + (rows[(2 * row) + 1] * rows[(2 * row) + 1]), 6)));
    }

    private static double[] Noise(int seed, double deviation)
    {
        var (random, matrix) = (SeedSequence.For((ulong)seed, 1, 1), new double[Size * Size]);
        for (var row = 0; row < Size; row++)
        {
            for (var column = row; column < Size; column++)
            {
                var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
                matrix[(row * Size) + column] = matrix[(column * Size) + row] = deviation * normal * (row == column ? Math.Sqrt(2) : 1);
            }
        }

        return matrix;
    }
}
