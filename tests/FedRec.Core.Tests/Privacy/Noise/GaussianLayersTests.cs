using System.Numerics;
using FedRec.Core.Privacy.Noise;

namespace FedRec.Core.Tests.Privacy.Noise;

/// <summary>The layers cover the curve, and what is taken to be below it is below it: what makes draws exact, whatever areas were found.</summary>
public sealed class GaussianLayersTests
{
    private const int Digits = 256;
    private static readonly BigInteger s_one = BigInteger.One << Digits;

    public static TheoryData<string, string> Variances => new()
    {
        { "1", "1000000" }, { "1", "9" }, { "1", "1" }, { "7", "3" }, { "400", "1" }, { "1000000", "1" }, { "1000000000001", "7" },
        { (BigInteger.One << 66).ToString(), "1" }, { (BigInteger.One << 96).ToString(), "1" }, { ((BigInteger.One << 90) + 1).ToString(), (BigInteger.One << 70).ToString() },
    };

    [Theory]
    [MemberData(nameof(Variances))]
    public void Cover_AnyVariance_LeavesNothingOfTheCurveOutside(string above, string below)
    {
        var (numerator, denominator) = (BigInteger.Parse(above), BigInteger.Parse(below));
        BigInteger Curve(BigInteger x) => DiscreteGaussianTests.Curve(x, numerator, denominator, Digits);
        var layers = GaussianLayers.Cover(new ExactExponential(numerator, denominator), numerator, denominator);
        BigInteger end = 0, area = layers.Exactly(0, Digits).Height * layers[0].Width;
        for (var i = 0; i < GaussianLayers.Count; i++)
        {
            var (layer, (bottom, height)) = (layers[i], layers.Exactly(i, Digits));
            Assert.InRange(bottom, end - 1, end + 1); // one begins where the other ends
            Assert.InRange((height * layer.Width) - area, -(s_one >> 150), s_one >> 150); // and all are as large
            Assert.InRange((bottom >> (Digits - ExactExponential.Digits)) - layer.Bottom, 0, i);
            Assert.InRange((height >> (Digits - ExactExponential.Digits)) - layer.Height, 0, 0);
            Assert.Equal((ulong)((BigInteger.One << 55) % layer.Width) << 9, layer.Surplus);
            end = bottom + height;
            Assert.True(layer.Inner == 0 || Curve(layer.Inner - 1) >= BigInteger.Min(end, s_one - 1), $"layer {i}: place {layer.Inner - 1} is not below the curve");
            Assert.True(i == 0 || Curve(layer.Width) <= bottom + 1, $"layer {i}: the curve goes on behind {layer.Width}");
        }

        Assert.True(end >= s_one - GaussianLayers.Count);
    }

    [Theory]
    [MemberData(nameof(Variances))]
    public void Tail_EachPiece_IsAboveTheCurve(string above, string below)
    {
        var (numerator, denominator) = (BigInteger.Parse(above), BigInteger.Parse(below));
        var layers = GaussianLayers.Cover(new ExactExponential(numerator, denominator), numerator, denominator);
        var height = layers.Exactly(0, Digits).Height;
        var last = layers[0].Width - 1;
        for (var zeros = 0; zeros < 60; zeros++)
        {
            var place = last;
            var halvings = layers.Tail(new RandomBits(bytes => BitConverter.TryWriteBytes(bytes, 1ul << zeros)), ref place);

            Assert.Equal(zeros + 1, halvings);
            var start = place - (long)Piece(layers, last) + 1;
            Assert.True(DiscreteGaussianTests.Curve(start, numerator, denominator, Digits) <= (height >> halvings) + 1);
        }
    }

    [Theory]
    [InlineData("1", "9", 2)]
    [InlineData("7", "3", 1.3)]
    [InlineData("1000000", "1", 1.02)]
    [InlineData("73786976294838206464", "1", 1.02)]
    public void Cover_AnyVariance_WastesLittle(string above, string below, double most)
    {
        var (numerator, denominator) = (BigInteger.Parse(above), BigInteger.Parse(below));
        var layers = GaussianLayers.Cover(new ExactExponential(numerator, denominator), numerator, denominator);
        var area = GaussianLayers.Count * Math.ScaleB((double)(layers[100].Height * (BigInteger)layers[100].Width), -ExactExponential.Digits);
        var deviation = Math.Sqrt((double)numerator / (double)denominator);
        var mass = deviation > 100 ? deviation * Math.Sqrt(Math.PI / 2) : Enumerable.Range(0, 2_000).Sum(x => Math.Exp(-(double)x * x / (2 * deviation * deviation)));

        Assert.InRange(area / mass, 1, most);
    }

    [Theory]
    [MemberData(nameof(Variances))]
    public void Exponentials_AtAnyPlace_AreWithinTheirErrors(string above, string below)
    {
        var (numerator, denominator) = (BigInteger.Parse(above), BigInteger.Parse(below));
        var curve = new ExactExponential(numerator, denominator);
        var layers = GaussianLayers.Cover(curve, numerator, denominator);
        for (var k = 0; k <= 60; k++)
        {
            var place = (long)((BigInteger)layers[0].Width * k / 20);
            var exact = DiscreteGaussianTests.Curve(place, numerator, denominator, Digits);

            Assert.InRange((exact >> (Digits - ExactExponential.Digits)) - curve.Quick(place), -ExactExponential.Error / 8, ExactExponential.Error / 8);
            foreach (var digits in new[] { 1, 64, 128, 192 })
            {
                Assert.InRange((exact >> (Digits - digits)) - curve.Slow(place, digits), 0, 2);
            }
        }
    }

    private static BigInteger Piece(GaussianLayers layers, long last)
    {
        var (one, two) = (last, last);
        layers.Tail(new RandomBits(bytes => BitConverter.TryWriteBytes(bytes, 1ul)), ref one);
        layers.Tail(new RandomBits(bytes => BitConverter.TryWriteBytes(bytes, 2ul)), ref two);
        return two - one;
    }
}
