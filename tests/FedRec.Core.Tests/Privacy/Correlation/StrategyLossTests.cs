using FedRec.Core.Privacy.Correlation;

namespace FedRec.Core.Tests.Privacy.Correlation;

/// <summary>What strategies cost, against all patterns of participation, and against published values.</summary>
public sealed class StrategyLossTests
{
    [Fact]
    public void SensitivitySquared_OfSmallRuns_IsTheLargestOfAllPatterns()
    {
        foreach (var strategy in new[] { BufferedToeplitz.Identity, new([0.9], [0.4]), new([0.99, 0.5, 0.01], [0.1, 0.2, 0.6]), new([1.0, 0.3], [0.05, 0.9]) })
        {
            for (var rounds = 1; rounds <= 11; rounds++)
            {
                for (var separation = 1; separation <= rounds + 1; separation++)
                {
                    for (var most = 1; most <= 4; most++)
                    {
                        var expected = Patterns(rounds, separation, most).Max(pattern => MovedBy(strategy.Coefficients(rounds), pattern));

                        Assert.Equal(expected, StrategyLoss.SensitivitySquared(strategy.Coefficients(rounds), new(rounds, separation, most)), 1e-9);
                    }
                }
            }
        }
    }

    // Independent noise: jax_privacy, min(k, ⌈n / b⌉) · n.
    [Theory]
    [InlineData(10, 1, 3, 3)]
    [InlineData(32, 8, int.MaxValue, 4)]
    [InlineData(32, 2, 20, 16)]
    [InlineData(33, 2, int.MaxValue, 17)]
    public void MaxLoss_WithoutBuffers_IsThatOfIndependentNoise(int rounds, int separation, int most, int most2) =>
        Assert.Equal((double)most2 * rounds, StrategyLoss.MaxLoss(BufferedToeplitz.Identity, new(rounds, separation, most)), 1e-9);

    [Fact]
    public void Errors_OfAMatrix_AreRowsOfTheSumsOfItsInverse()
    {
        var strategy = new BufferedToeplitz([0.95, 0.4], [0.2, 0.3]);
        var inverse = BufferedToeplitzTests.Dense(StrategyLoss.InverseOf(strategy.Coefficients(30)));
        double Row(int row) => Enumerable.Range(0, 30).Sum(column => Math.Pow(Enumerable.Range(0, row + 1).Sum(above => inverse[above, column]), 2));

        var rows = Enumerable.Range(0, 30).Select(Row).ToArray();

        Assert.Equal(rows.Max(), StrategyLoss.MaxError(strategy.Inverse().Coefficients(30)), 1e-9);
        Assert.Equal(rows.Average(), StrategyLoss.MeanError(strategy.Inverse().Coefficients(30)), 1e-9);
        Assert.Equal(rows.Average() * StrategyLoss.SensitivitySquared(strategy.Coefficients(30), new(30, 4)), StrategyLoss.MeanLoss(strategy, new(30, 4)), 1e-9);
    }

    [Fact]
    public void SensitivitySquared_OfCoefficientsThatGrow_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => StrategyLoss.SensitivitySquared(new BufferedToeplitz([0.9], [-0.1]).Coefficients(10), new(10, 2)));
        Assert.Throws<ArgumentException>(() => StrategyLoss.SensitivitySquared(new BufferedToeplitz([0.9], [1.2]).Coefficients(10), new(10, 2)));
        Assert.Throws<ArgumentException>(() => StrategyLoss.SensitivitySquared([1, 0.5], new(3, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParticipationLimit(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParticipationLimit(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParticipationLimit(1, 1, 0));
    }

    private static double MovedBy(double[] coefficients, IReadOnlyList<int> pattern) =>
        Enumerable.Range(0, coefficients.Length).Sum(row => Math.Pow(pattern.Where(round => round <= row).Sum(round => coefficients[row - round]), 2));

    private static IEnumerable<List<int>> Patterns(int rounds, int separation, int most)
    {
        for (var set = 0; set < 1 << rounds; set++)
        {
            var pattern = Enumerable.Range(0, rounds).Where(round => (set >> round & 1) == 1).ToList();
            if (pattern.Count <= most && pattern.Zip(pattern.Skip(1)).All(pair => pair.Second - pair.First >= separation))
            {
                yield return pattern;
            }
        }
    }
}
