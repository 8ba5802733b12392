using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using FedRec.Core.Privacy.Accounting;
using FedRec.Core.Privacy.Noise;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Privacy.Noise;

/// <summary>What is drawn has the distribution that it is said to have, and no decision rests on a rounded number.</summary>
public sealed partial class DiscreteGaussianTests
{
    [Theory]
    [InlineData(1, 9)] // nearly always 0
    [InlineData(1, 2)]
    [InlineData(1, 1)]
    [InlineData(7, 3)] // not a whole number
    [InlineData(4, 1)]
    [InlineData(625, 100)]
    [InlineData(400, 1)]
    public void Next_SmallVariance_HasTheExactFrequencies(int numerator, int denominator)
    {
        const int Draws = 200_000;
        var sigma = Math.Sqrt((double)numerator / denominator);
        var counts = Draw(numerator, denominator, Draws, seed: 11).CountBy(x => x).ToDictionary();
        var reach = (long)Math.Ceiling(sigma * 40);
        double Density(long x) => Math.Exp(-x * x / (2 * sigma * sigma));
        var total = Reach(reach).Sum(Density);

        // Values with fewer than ten expected draws are one class.
        var classes = Reach(reach).Select(x => (Expected: Draws * Density(x) / total, Seen: (double)counts.GetValueOrDefault(x))).ToLookup(c => c.Expected >= 10);
        var rare = (Expected: classes[false].Sum(c => c.Expected), Seen: classes[false].Sum(c => c.Seen));
        var all = classes[true].Append(rare).Where(c => c.Expected >= 1).ToArray();
        var chiSquare = all.Sum(c => (c.Seen - c.Expected) * (c.Seen - c.Expected) / c.Expected);

        Assert.Equal(Draws, counts.Values.Sum());
        Assert.True(chiSquare < ChiSquareAt0001(all.Length - 1), $"chi-square {chiSquare} of {all.Length} classes");
    }

    [Theory]
    [InlineData(33)]
    [InlineData(40)]
    [InlineData(3)]
    public void Next_LargeVariance_HasTheShapeOfTheNormalDistribution(int power)
    {
        const int Draws = 100_000;
        var sigma = Math.ScaleB(1, power);
        var values = Draw(BigInteger.One << (2 * power), 1, Draws, seed: 5);
        var deviation = Math.Sqrt(values.Average(x => (double)x * x));
        var mean = values.Average(x => (double)x);

        Assert.InRange(deviation / sigma, 0.98, 1.02);
        Assert.InRange(mean / sigma * Math.Sqrt(Draws), -3.3, 3.3);
        Assert.InRange((values.Count(x => x > 0) - values.Count(x => x < 0)) / Math.Sqrt(Draws), -3.3, 3.3);
        Assert.True(KolmogorovSmirnov(values, sigma) > 0.001);
    }

    [Fact]
    public void Next_EqualBits_DrawsTheSame() =>
        Assert.Equal(Draw(5, 2, 1_000, seed: 3), Draw(5, 2, 1_000, seed: 3));

    [Fact]
    public void Next_SameVarianceAsAnotherFraction_DrawsTheSame() =>
        Assert.Equal(Draw(5, 2, 1_000, seed: 3), Draw(BigInteger.Pow(10, 30) * 5, BigInteger.Pow(10, 30) * 2, 1_000, seed: 3));

    [Fact]
    public void Fill_ALayerOfAModel_IsQuick()
    {
        var noise = new DiscreteGaussian(BigInteger.One << 66, 1);
        var random = RandomBits.Secure();
        noise.Fill(random, new long[1_000]);
        var values = new long[60_000];
        var quickest = Enumerable.Range(0, 3).Min(_ =>
        {
            var watch = Stopwatch.StartNew();
            noise.Fill(random, values);
            return watch.Elapsed;
        });

        Assert.InRange(quickest.TotalSeconds, 0, 1);
        Assert.InRange(Math.Sqrt(values.Average(x => (double)x * x)) / Math.ScaleB(1, 33), 0.97, 1.03);
    }

    [Fact]
    public void Constructor_BadVariance_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new DiscreteGaussian(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DiscreteGaussian(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DiscreteGaussian(-1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DiscreteGaussian(-1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DiscreteGaussian((BigInteger.One << 96) + 1, 1));
    }

    [Theory]
    [InlineData(1, 9)]
    [InlineData(7, 3)]
    [InlineData(1_000_000, 1)]
    public void Next_EveryHeightHeldToBeUnclear_DrawsTheSame(int numerator, int denominator)
    {
        var (quick, slow) = (new long[4_000], new long[4_000]);
        new DiscreteGaussian(numerator, denominator).Fill(Seeded(29), quick);
        new DiscreteGaussian(numerator, denominator, unclear: long.MaxValue).Fill(Seeded(29), slow);

        Assert.Equal(slow, quick);
    }

    // A place of a layer is drawn as often as the curve is above the layer's bottom: what is drawn for the height must turn exactly there, and the next 64 digits decide where the first are equal.
    [Theory]
    [InlineData(1, 9)]
    [InlineData(7, 3)]
    [InlineData(400, 1)]
    public void Next_APlaceAtTheCurve_TurnsWhereTheCurveIs(int numerator, int denominator)
    {
        const int Digits = 512;
        var noise = new DiscreteGaussian(numerator, denominator);
        var layers = GaussianLayers.Cover(new ExactExponential(numerator, denominator), numerator, denominator);
        var turns = 0;
        for (var i = 1; i < GaussianLayers.Count; i++)
        {
            var (bottom, height) = layers.Exactly(i, Digits);
            for (var place = Math.Max(1, layers[i].Inner); place < layers[i].Width; place++)
            {
                var turn = BigInteger.Max(0, BigInteger.Min((((Curve(place, numerator, denominator, Digits) - bottom) << 128) / height), (BigInteger.One << 128) - 1));
                if (turn.IsZero || turn >> 64 == ulong.MaxValue)
                {
                    continue; // never, or always
                }

                var (bits, zero) = (Bits(layers, i, place), Bits(layers, GaussianLayers.Count / 2, 0));
                var (first, second) = ((ulong)(turn >> 64), (ulong)(turn & ulong.MaxValue));
                Assert.Equal(place, noise.Next(Words(bits, first - 1, zero)));
                Assert.Equal(0, noise.Next(Words(bits, first + 1, zero)));
                Assert.Equal(place, noise.Next(Words(bits, first, second - 1, zero)));
                Assert.Equal(0, noise.Next(Words(bits, first, second + 1, zero)));
                turns++;
            }
        }

        Assert.True(turns > 0);
    }

    [Fact]
    public void Source_OfTheNoise_HasNoFloatingPoint()
    {
        var files = Directory.GetFiles(Path.Combine(Path.GetDirectoryName(Here())!, "../../../../src/FedRec.Core/Privacy/Noise"), "*.cs");

        Assert.Equal(4, files.Length);
        Assert.All(files, file => Assert.DoesNotMatch(FloatingPoint(), CommentLine().Replace(File.ReadAllText(file), "")));
    }

    // What draws a place of a layer: the middle of the numbers that do.
    private static ulong Bits(GaussianLayers layers, int layer, long place) => (ulong)((((2 * (BigInteger)place) + 1) << 54) / layers[layer].Width << 9) | (uint)layer;

    // exp(−x²/2σ²) by another way than the code's: one over the series of its inverse.
    internal static BigInteger Curve(BigInteger x, BigInteger numerator, BigInteger denominator, int digits)
    {
        if (x * x * denominator > 2 * numerator * digits)
        {
            return 0;
        }

        var one = BigInteger.One << (2 * digits);
        var (sum, term) = (one, one);
        for (var k = 1; !term.IsZero; k++)
        {
            term = term * x * x * denominator / (2 * numerator * k);
            sum += term;
        }

        return (one << digits) / sum;
    }

    private static long[] Draw(BigInteger numerator, BigInteger denominator, int count, ulong seed)
    {
        var values = new long[count];
        DiscreteGaussian.Of(numerator, denominator).Fill(Seeded(seed), values);
        return values;
    }

    private static RandomBits Seeded(ulong seed)
    {
        var stream = new SeededRandom(seed);
        return new RandomBits(bytes =>
        {
            for (var i = 0; i < bytes.Length; i += 8)
            {
                BitConverter.TryWriteBytes(bytes[i..], stream.NextUInt64());
            }
        });
    }

    private static RandomBits Words(params ulong[] words) => new(bytes =>
    {
        for (var i = 0; i < words.Length; i++)
        {
            BitConverter.TryWriteBytes(bytes[(8 * i)..], words[i]);
        }
    });

    private static IEnumerable<long> Reach(long reach) => Enumerable.Range(0, (int)(2 * reach) + 1).Select(i => i - reach);

    // Wilson and Hilferty 1931.
    private static double ChiSquareAt0001(int freedom) => freedom * Math.Pow(1 - (2.0 / (9 * freedom)) + (3.0902 * Math.Sqrt(2.0 / (9 * freedom))), 3);

    private static double KolmogorovSmirnov(long[] values, double sigma)
    {
        // A whole number stands for the half unit on both sides of it.
        double Below(double x) => Normal.Below(x / sigma);
        var sorted = values.Order().ToArray();
        var distance = 0.0;
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            for (end = start; end < sorted.Length && sorted[end] == sorted[start]; end++)
            {
            }

            distance = Math.Max(distance, Math.Max(
                Math.Abs(((double)start / sorted.Length) - Below(sorted[start] - 0.5)), Math.Abs(((double)end / sorted.Length) - Below(sorted[start] + 0.5))));
        }

        var scaled = distance * Math.Sqrt(sorted.Length);
        return 2 * Enumerable.Range(1, 100).Sum(k => (k % 2 == 1 ? 1 : -1) * Math.Exp(-2.0 * k * k * scaled * scaled));
    }

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"\b(double|float|Half|decimal|Sqrt|Exp|Log|Pow|\d+\.\d+)\b")]
    private static partial Regex FloatingPoint();

    [GeneratedRegex(@"//.*$", RegexOptions.Multiline)]
    private static partial Regex CommentLine();
}
