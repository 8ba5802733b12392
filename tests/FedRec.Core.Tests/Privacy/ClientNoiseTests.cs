using System.Security.Cryptography;
using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Privacy;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Privacy.SecureAggregation;
using FedRec.Core.Updates;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Privacy;

/// <summary>What clients send that add noise of their own, and what it comes to.</summary>
public sealed class ClientNoiseTests
{
    private const int Places = 4_000;
    private const int Clients = 12;
    private const int Fewest = 9; // two thirds of 12, and one
    private static readonly SumScale s_scale = SumScale.For(Clients);
    private static readonly byte[] s_session = SHA256.HashData("a try"u8);
    private static readonly ClientNoise s_shared = new(Clip: 0.5, NoiseMultiplier: 1.2, IsLocal: false, new SecretKey([.. Enumerable.Range(0, 32).Select(i => (byte)i)]), "test/run-1");
    private static readonly ClientNoise s_local = s_shared with { IsLocal = true };
    private static readonly Dataset s_data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = Clients, SyntheticItems = 60 });

    // Whoever goes away takes a share along: with the fewest that a round may count it is σ, and with all of them more.
    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    public void Sum_OfAnyClientsThatARoundMayCount_IsExactButForNormalNoiseOfAtLeastWhatIsAccountedFor(int counted)
    {
        var (exact, noisy) = (Sum(counted, noise: null), Sum(counted, s_shared));

        var released = s_shared.Released(noisy, Clients, Fewest);
        var noise = Differences(released, exact);
        var expected = 0.6 * Math.Sqrt((double)counted / Fewest); // z · C · √(n/m)
        Assert.InRange(Deviation(noise) / expected, 0.95, 1.05); // 4,000 draws: ± 4.5 standard errors
        Assert.InRange(noise.Average() * Math.Sqrt(Places) / expected, -4.5, 4.5);
        Assert.True(FarFromNormal(noise, expected) < 1.95 / Math.Sqrt(Places), "Kolmogorov and Smirnov's test at 0.001");
        Assert.Equal(expected, s_scale.Decode((long)released.Noise), 1e-6);
        Assert.True(released.Noise >= (double)CentralPrivacy.DeviationOf(0.5, 1.2, s_scale, Places) * (1 - 1e-12));
    }

    [Fact]
    public void Noise_OfTwoClients_IsIndependent()
    {
        var first = Differences(One(0, s_shared), One(0, noise: null));
        var second = Differences(One(1, s_shared), One(1, noise: null));

        Assert.InRange(Correlation(first, second) * Math.Sqrt(Places), -4.5, 4.5);
        Assert.InRange(Correlation(first, Differences(One(0, s_shared with { Key = SecretKey.New() }), One(0, noise: null))) * Math.Sqrt(Places), -4.5, 4.5);
    }

    // Or whoever adds up could subtract: one update from another, or the sum of one try from that of another.
    [Fact]
    public void Noise_OfTheSameUpdateInTheSameTry_IsTheSame_AndEveryOtherIsAnother()
    {
        var sent = One(3, s_shared);

        Assert.Equal(sent.Values.ToArray(), One(3, s_shared).Values.ToArray());
        AssertIndependent(sent, One(3, s_shared, round: 2));
        AssertIndependent(sent, One(3, s_shared, session: SHA256.HashData("another try"u8)));
        AssertIndependent(sent, One(3, s_shared with { Run = "test/run-2" }));
        AssertIndependent(sent, One(3, s_shared, change: 1f / (1 << 20)), One(3, noise: null), One(3, noise: null, change: 1f / (1 << 20)));
    }

    // All of the noise hides an update by itself, whoever else is in the try: told again it must be the same, or the mean of both would tell more.
    [Fact]
    public void Noise_OfALocalUpdate_IsAllOfIt_AndTheSameInEveryTry()
    {
        var sent = One(3, s_local);

        Assert.InRange(Deviation(Differences(sent, One(3, noise: null))) / 0.6, 0.95, 1.05);
        Assert.Equal(sent.Values.ToArray(), One(3, s_local, session: SHA256.HashData("another try"u8)).Values.ToArray());
        AssertIndependent(sent, One(3, s_local, change: 1f / (1 << 20)), One(3, noise: null), One(3, noise: null, change: 1f / (1 << 20)));
    }

    [Fact]
    public void Share_OutsideAMaskedRound_IsNotSent() =>
        Assert.Throws<InvalidOperationException>(() => s_shared.Hide(One(0, noise: null), 0, 1, Fewest, session: []));

    // What is counted is divided by who was expected, so that a model does not tell who went away.
    [Fact]
    public void Released_OfASum_TellsNothingElse_AndRefusesWhatIsNoSumOfSuchClients()
    {
        var released = s_shared.Released(Sum(10, s_shared), Clients, Fewest);
        var heavy = new FixedPointSum(4, s_scale);
        Assert.True(heavy.TryAdd(new UpdateBuffer(), weight: 2, loss: 0, examples: 1));

        Assert.Equal([s_scale.Encode(1) * Clients, 0, 0], released.Report.ToArray());
        Assert.Equal(Clients, released.Clients);
        Assert.Throws<ArgumentException>(() => s_local.Released(heavy, Clients, Fewest));
    }

    [Fact]
    public void CouldSend_OfAnUpdateWithItsNoise_Holds_AndNotOfALongerOne()
    {
        var longer = One(0, s_local);
        var push = new long[Places];
        push[7] = s_scale.Encode(0.6 * 40);
        longer.Add(push);

        Assert.All(Enumerable.Range(0, Clients), client => Assert.True(s_local.CouldSend(One(client, s_local))));
        Assert.False(s_local.CouldSend(longer));
        Assert.False(s_local.CouldSend(Sum(2, s_local)));
    }

    [Fact]
    public void NoiseThatHasNoRoomOrIsTooCoarse_IsRefused()
    {
        Assert.Contains("could wrap", Assert.Throws<ArgumentException>(() => (s_local with { Clip = 400, NoiseMultiplier = 60 }).ThrowUnlessFits(s_scale, Places, Fewest)).Message, StringComparison.Ordinal);
        Assert.Contains("whole numbers", Assert.Throws<ArgumentException>(() => (s_shared with { Clip = 1e-9, NoiseMultiplier = 0.01 }).ThrowUnlessFits(s_scale, 4, Fewest)).Message, StringComparison.Ordinal);
        s_shared.ThrowUnlessFits(s_scale, Places, Fewest);
        s_local.ThrowUnlessFits(s_scale, Places, Fewest);
    }

    // Kairouz et al. 2021, proposition 12, term by term.
    [Theory]
    [InlineData(12, 4_000, 1.2)]
    [InlineData(10_000, 100_000_000, 30)]
    public void LeastDeviation_OfShares_KeepsWhatASumOfThemExceedsANormalOneByBelowTheDigitsOfANumber(int clients, int places, double multiplier)
    {
        var least = (s_shared with { NoiseMultiplier = multiplier }).LeastDeviation(clients, places);
        double Excess(double deviation) => 10 * places * Enumerable.Range(1, clients - 1).Sum(k => Math.Exp(-2 * Math.PI * Math.PI * deviation * deviation * k / (k + 1.0)));

        Assert.True(Excess(least) <= Math.Pow(2, -53) / (multiplier * multiplier));
        Assert.True(Excess(least * 0.75) > Math.Pow(2, -53) / (multiplier * multiplier)); // and is no bound that nothing comes near
    }

    // Masks hide each client's update and the noise hides their sum; without masks all of the noise does: to the server it is one step.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Training_WithNoiseOfTheClients_GoesOnFromTheirNoisySumAndNothingElse(bool isLocal)
    {
        var (first, again, other, bare) = (Train(isLocal, 1), Train(isLocal, 1), Train(isLocal, 2), Train(isLocal, key: 0));

        Assert.Equal(isLocal, first.SequenceEqual(again)); // a share is drawn anew for each try
        Assert.NotEqual(first, other);
        Assert.InRange(Deviation([.. first.Zip(bare, (with, without) => (double)with - without)]), 0.01, 0.2);
    }

    [Fact]
    public void Send_OfAClientWithNoiseOfItsOwn_HoldsNeitherItsValuesNorItsLossNorHowLongItWas()
    {
        var algorithm = Algorithm(isLocal: true);
        var (state, recipe) = (algorithm.Init(), algorithm.Learner.Recipe(LearningPhase.Training));
        using var worker = algorithm.Learner.CreateWorker();
        var values = new UpdateBuffer();
        var result = worker.Train(algorithm.Learner.Prepare(state.Parameters, state.Phase), algorithm.TaskOf(1, 0, ClientPartition.PerUser(s_data).Client(0)), values);

        var (update, outcome, _) = algorithm.Send(recipe, 1, 0, result, values);

        Assert.Equal((0, 1.0, 0.0, 0), (update.Values.Values.Length, update.Weight, update.Loss, update.Examples));
        Assert.False(outcome.HasFlag(UpdateOutcome.Clipped));
        Assert.True(result.Loss > 0 && result.Examples > 0);
        var sum = algorithm.Empty(recipe);
        Assert.True(sum.TryAdd(0, update) && algorithm.IsOfOne(recipe, 0, sum));
        Assert.False(update.Exact.IsEmpty || update.Exact.Span.ContainsAnyExcept((byte)0)); // nothing is left where it was
    }

    private static float[] Train(bool isLocal, int key)
    {
        var federation = new InProcessFederation(Learner(), _ => new SgdOptimizer(1), ClientWeighting.Parse("uniform", 0))
        {
            Steps = new UpdatePipeline(new NormClipping(0.5)),
            Aggregator = isLocal ? MeanAggregator.Instance : new SecureMean(QuickSuite.Instance),
            Noise = key == 0 ? null : new(() => s_shared with { IsLocal = isLocal, Key = new SecretKey([.. Enumerable.Repeat((byte)key, 32)]) }),
        };
        return [.. federation.Train([.. Enumerable.Range(0, Clients).Select(ClientPartition.PerUser(s_data).Client)], rounds: 1, seed: 3).Span];
    }

    private static ILearner Learner() => LearnerRegistry.Create("mf", new Dictionary<string, string> { ["objective"] = "bpr", ["dims"] = "8" }, new FederationShape(60));

    private static FederatedAlgorithm Algorithm(bool isLocal) => new(
        Learner(),
        new FederatedOptions(UpdateWay.For(Learner(), FederationParts.BuiltIn(), new UpdateSettings(0.001), Clients), ClientWeighting.Parse("uniform", 0), _ => new SgdOptimizer(1), 1)
        {
            Noise = new(() => s_shared with { IsLocal = isLocal, Clip = 0.001 }),
        },
        Clients,
        [.. Enumerable.Repeat(10, Clients)]);

    private static FixedPointSum One(int client, ClientNoise? noise, int round = 1, byte[]? session = null, float change = 0)
    {
        var (sum, update) = (new FixedPointSum(Places, s_scale), new UpdateBuffer());
        update.Segment(0, Places).Fill(0.0005f * (client + 1));
        update.Values[0] += change;
        Assert.True(sum.TryAdd(update, weight: 1, loss: 0, examples: 0));
        noise?.Hide(sum, client, round, Fewest, session ?? s_session);
        return sum;
    }

    private static FixedPointSum Sum(int clients, ClientNoise? noise)
    {
        var sum = new FixedPointSum(Places, s_scale);
        foreach (var client in Enumerable.Range(0, clients))
        {
            sum.Add(One(client, noise));
        }

        return sum;
    }

    private static void AssertIndependent(FixedPointSum one, FixedPointSum other, FixedPointSum? exact = null, FixedPointSum? otherExact = null)
    {
        var plain = One(3, noise: null);
        Assert.InRange(Correlation(Differences(one, exact ?? plain), Differences(other, otherExact ?? plain)) * Math.Sqrt(Places), -4.5, 4.5);
    }

    private static double[] Differences(FixedPointSum one, FixedPointSum other) => [.. one.Values.ToArray().Zip(other.Values.ToArray(), (a, b) => s_scale.Decode(a - b))];

    private static double Deviation(double[] values) => Math.Sqrt(values.Average(value => value * value));

    private static double Correlation(double[] one, double[] other) => one.Zip(other, (a, b) => a * b).Average() / (Deviation(one) * Deviation(other));

    // The largest distance to the normal distribution function, by a series of its own (Abramowitz and Stegun 26.2.17, within 7.5e-8).
    private static double FarFromNormal(double[] values, double deviation)
    {
        var sorted = values.Order().ToArray();
        return sorted.Select((value, place) => Math.Abs(Below(value / deviation) - ((place + 0.5) / sorted.Length))).Max();

        static double Below(double x)
        {
            var t = 1 / (1 + (0.2316419 * Math.Abs(x)));
            var tail = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI) * t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
            return x > 0 ? 1 - tail : tail;
        }
    }
}
