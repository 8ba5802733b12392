using FedRec.Core.Privacy.Correlation;
using FedRec.Core.Privacy.Noise;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Privacy.Correlation;

/// <summary>Noise that takes a part of itself back, in whole numbers.</summary>
public sealed class CorrelatedNoiseTests
{
    private static readonly CorrelatedNoise s_noise = new(new BufferedToeplitz([0.99, 0.6], [0.08, 0.5]), new ParticipationLimit(40, 10));

    [Fact]
    public void Next_OfManyRounds_IsTheInverseTimesFreshNoise()
    {
        const int Places = 50;
        var fresh = Fresh(rounds: 40, Places, deviation: 1L << 40);
        var inverse = StrategyLoss.InverseOf(s_noise.Strategy.Coefficients(40));

        var correlated = Correlated(s_noise, fresh);

        for (var round = 0; round < 40; round++)
        {
            for (var place = 0; place < Places; place++)
            {
                var exact = Enumerable.Range(0, round + 1).Sum(before => inverse[round - before] * fresh[before][place]);
                Assert.InRange(correlated[round][place] - exact, -3, 3); // of numbers of 10¹²: what rounding adds is taken back too
            }
        }
    }

    // The argument of privacy: about whom a release is drawn moves by C·(x − x′) and what rounding adds, whatever was released before.
    [Fact]
    public void Centres_OfNeighbours_MoveByNoMoreThanTheBound()
    {
        const int Places = 30;
        var random = SeedSequence.For(3, "neighbours", 1);
        var fresh = Fresh(40, Places, deviation: 5_000);
        var correlated = Correlated(s_noise, fresh);
        long[][] sums = [.. Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, Places).Select(_ => (long)random.NextInt32(2_001) - 1_000).ToArray())];
        var released = sums.Zip(correlated, (sum, noise) => sum.Zip(noise, (one, other) => one + other).ToArray()).ToArray();
        long[] client = [.. Enumerable.Range(0, Places).Select(place => place % 2 == 0 ? 300L : -301)];
        var longest = Math.Sqrt(client.Sum(value => (double)value * value));

        var squares = 0.0;
        var (own, others) = (s_noise.Begin(Places), s_noise.Begin(Places));
        for (var round = 0; round < 40; round++)
        {
            var neighbour = round % 10 == 0 ? sums[round].Zip(client, (sum, value) => sum - value).ToArray() : sums[round];
            var (one, other) = (CentreOf(own, released[round], sums[round]), CentreOf(others, released[round], neighbour));
            squares += one.Zip(other, (a, b) => Math.Pow(a - b, 2)).Sum();
        }

        Assert.InRange(Math.Sqrt(squares), s_noise.Sensitivity * longest * 0.99, s_noise.MostShift(longest, Places));
    }

    [Fact]
    public void Next_WithoutBuffers_IsFreshNoise()
    {
        var independent = new CorrelatedNoise(BufferedToeplitz.Identity, new ParticipationLimit(40, 10));
        var fresh = Fresh(40, 5, 1_000);

        Assert.Equal(fresh, Correlated(independent, fresh));
        Assert.Equal(2, independent.Sensitivity, 1e-6); // four participations
    }

    [Fact]
    public void Sums_OfCorrelatedNoise_HaveTheVarianceThatIsPromised()
    {
        const int Places = 20_000;
        var sums = new double[Places];
        foreach (var round in Correlated(s_noise, Fresh(40, Places, 1_000)))
        {
            for (var place = 0; place < Places; place++)
            {
                sums[place] += round[place];
            }
        }

        var promised = StrategyLoss.MaxError(StrategyLoss.InverseOf(s_noise.Strategy.Coefficients(40))) * 1e6;
        Assert.InRange(sums.Average(sum => sum * sum) / promised, 0.95, 1.05); // a hundredth is one standard error
        Assert.InRange(promised, 0, 40e6 / 2); // and less than half of that of independent noise
    }

    [Fact]
    public void Next_OfNoiseBeyondTheBuffers_IsRefused()
    {
        var buffers = s_noise.Begin(1);

        Assert.Throws<OverflowException>(() => buffers.Next([1L << 55]));
        Assert.Throws<ArgumentException>(() => new CorrelatedNoise(new BufferedToeplitz([0.9], [-0.1]), new ParticipationLimit(4, 1)));
        Assert.Throws<ArgumentException>(() => new CorrelatedNoise(new BufferedToeplitz([0.9, 0.8], [0.6, 0.6]), new ParticipationLimit(4, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CorrelatedNoise(BufferedToeplitz.Identity, new ParticipationLimit(CorrelatedNoise.MostRounds + 1, 1)));
    }

    // With fresh noise of z the release is y; so that which gives y is y less what z = 0 would give.
    private static double[] CentreOf(CorrelatedNoise.NoiseBuffers buffers, long[] released, long[] sum)
    {
        var zero = new long[sum.Length];
        var probe = buffers.Copy();
        probe.Next(zero);
        double[] centre = [.. sum.Zip(zero, (value, noise) => (double)(value + noise))];
        long[] noise = [.. released.Zip(sum, (with, without) => with - without)];
        long[] fresh = [.. noise.Zip(zero, (w, back) => w - back)];
        buffers.Next(fresh);
        Assert.Equal(noise, fresh);
        return centre;
    }

    private static long[][] Fresh(int rounds, int places, long deviation)
    {
        var stream = new SecretKey(new byte[32]).Stream("test");
        var gaussian = new DiscreteGaussian((System.Numerics.BigInteger)deviation * deviation, 1);
        var bits = new RandomBits(stream.Fill);
        return [.. Enumerable.Range(0, rounds).Select(_ =>
        {
            var values = new long[places];
            gaussian.Fill(bits, values);
            return values;
        })];
    }

    private static long[][] Correlated(CorrelatedNoise noise, long[][] fresh)
    {
        var buffers = noise.Begin(fresh[0].Length);
        return [.. fresh.Select(round =>
        {
            long[] values = [.. round];
            buffers.Next(values);
            return values;
        })];
    }
}
