using FedRec.Core.Privacy.Correlation;

namespace FedRec.Core.Tests.Privacy.Correlation;

/// <summary>Matrices of decaying buffers, and their inverses.</summary>
public sealed class BufferedToeplitzTests
{
    // Those of jax_privacy's buffered_toeplitz_test whose scales are above 0 and whose decays are different, and some drawn ones.
    public static TheoryData<double[], double[]> Matrices => new()
    {
        { [], [] },
        { [0.99], [0.1] },
        { [0.001], [0.5] },
        { [1.0], [0.001] },
        { [0.9, 0.5, 0.001], [0.1, 0.2, 0.5] },
        { [0.1, 0.2, 0.3], [0.1, 0.2, 0.3] },
        { [1.0, 1 - 1e-9, 0.99, 0.1], [1e-6, 1e-5, 1e-3, 1e-2] },
        { [0.99999999, 0.77422499, 0.54944999, 0.32467499, 0.09989999], [0.00999262, 0.00999992, 0.00999996, 0.00999997, 0.00999998] },
        { [0.9, 0.9 - 1e-6], [0.1, 0.1] },
        { [1 - 1e-8, 0.8], [0.1, 0.1] },
        { [0.993433070819512, 0.6342644427247973], [0.07538320617916519, 0.5144060910151949] },
    };

    [Theory]
    [MemberData(nameof(Matrices))]
    public void Inverse_OfAMatrix_IsThatOfTheDenseOne(double[] decay, double[] scale)
    {
        var matrix = new BufferedToeplitz(decay, scale);

        var inverse = matrix.Inverse();

        for (var rounds = 1; rounds <= 50; rounds += 7)
        {
            var (dense, other) = (Dense(matrix.Coefficients(rounds)), Dense(inverse.Coefficients(rounds)));
            for (var row = 0; row < rounds; row++)
            {
                for (var column = 0; column < rounds; column++)
                {
                    var product = Enumerable.Range(0, rounds).Sum(middle => dense[row, middle] * other[middle, column]);
                    Assert.Equal(row == column ? 1 : 0, product, 1e-7);
                }
            }
        }

        Assert.All(StrategyLoss.InverseOf(matrix.Coefficients(50)).Zip(inverse.Coefficients(50)), pair => Assert.Equal(pair.First, pair.Second, 1e-7));
    }

    [Theory]
    [MemberData(nameof(Matrices))]
    public void OfDecays_OfAMatrixAndItsInverse_AreBoth(double[] decay, double[] scale)
    {
        var matrix = new BufferedToeplitz(decay, scale);
        var inverse = matrix.Inverse();

        var (again, inverseAgain) = BufferedToeplitz.OfDecays(matrix.Decay, inverse.Decay);

        Assert.All(again.Scale.Zip(matrix.Scale), pair => Assert.Equal(pair.Second, pair.First, 1e-7));
        Assert.All(inverseAgain.Scale.Zip(inverse.Scale), pair => Assert.Equal(pair.Second, pair.First, 1e-7));
        Assert.All(inverse.Scale, one => Assert.True(one < 0));
        Assert.All(inverse.Decay.Zip(matrix.Decay), pair => Assert.True(pair.First < pair.Second));
    }

    [Fact]
    public void Coefficients_OfBuffers_AreThoseOfTheFormula()
    {
        var matrix = new BufferedToeplitz([0, 1, 0.9], [1, 0.01, 0.1]);

        Assert.Equal([1.0, 0.9, 0.0], matrix.Decay.AsEnumerable()); // in their order
        Assert.Equal([1, 1.11, 0.1, 0.091], matrix.Coefficients(4), (one, other) => Math.Abs(one - other) < 1e-12);
        Assert.Equal([1.0, -1.0, 0.0, 0.0], new BufferedToeplitz([0], [-1]).Coefficients(4));
        Assert.Equal([1.0, 0.0, 0.0], BufferedToeplitz.Identity.Coefficients(3));
    }

    [Fact]
    public void Matrices_ThatAreNone_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new BufferedToeplitz([0.9, 0.8], [0.1]));
        Assert.Throws<ArgumentException>(() => new BufferedToeplitz([1.5], [0.1]));
        Assert.Throws<ArgumentException>(() => new BufferedToeplitz([0.5], [double.NaN]));
        Assert.Throws<InvalidOperationException>(() => new BufferedToeplitz([0.9], [-0.1]).Inverse());
        Assert.Throws<InvalidOperationException>(() => new BufferedToeplitz([0.9, 0.9], [0.1, 0.1]).Inverse());
    }

    internal static double[,] Dense(double[] coefficients)
    {
        var dense = new double[coefficients.Length, coefficients.Length];
        for (var row = 0; row < coefficients.Length; row++)
        {
            for (var column = 0; column <= row; column++)
            {
                dense[row, column] = coefficients[row - column];
            }
        }

        return dense;
    }
}
