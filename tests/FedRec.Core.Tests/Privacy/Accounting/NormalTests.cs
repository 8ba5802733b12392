using FedRec.Core.Privacy.Accounting;

namespace FedRec.Core.Tests.Privacy.Accounting;

public sealed class NormalTests
{
    [Theory] // of the error function of the C library
    [InlineData(0, 0.5)]
    [InlineData(0.1, 0.460172162722971)]
    [InlineData(-0.1, 0.539827837277029)]
    [InlineData(0.5, 0.3085375387259869)]
    [InlineData(0.66, 0.25462691467133614)]
    [InlineData(1, 0.15865525393145707)]
    [InlineData(-2, 0.9772498680518208)]
    [InlineData(3.3, 0.0004834241423837776)]
    [InlineData(5, 2.866515718791946e-07)]
    [InlineData(5.7, 5.990371401063533e-09)]
    [InlineData(8, 6.220960574271819e-16)]
    [InlineData(15, 3.6709661993128594e-51)]
    [InlineData(25, 3.056696706382874e-138)]
    [InlineData(37, 5.725571222525139e-300)]
    [InlineData(double.PositiveInfinity, 0)]
    [InlineData(double.NegativeInfinity, 1)]
    public void Above_AnyNumber_IsExactToTheLastDigits(double x, double expected)
    {
        Assert.InRange(Normal.Above(x), expected * (1 - 1e-14), expected * (1 + 1e-14));
        Assert.Equal(Normal.Above(x), Normal.Below(-x));
    }

    [Fact]
    public void Between_FarFromTheMiddle_IsExactOnBothSides()
    {
        Assert.Equal(Between(-9, -8), Between(8, 9));
        Assert.InRange(Between(8, 9), 6.2198e-16, 6.2200e-16);
        Assert.Equal(1, Between(double.NegativeInfinity, double.PositiveInfinity));
    }

    private static double Between(double low, double high) => NormalTails.Between(Normal.Tails(low), Normal.Tails(high));
}
