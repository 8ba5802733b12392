using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Randomness;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Evaluation;

public sealed class BootstrapTests
{
    [Fact]
    public void Weights_OfManyUsers_ArePoissonWithMeanOne()
    {
        var (counts, weights) = (new int[8], new int[1_000]);
        for (var user = 0; user < 1_000; user++)
        {
            PoissonWeights.Fill(7, user, weights);
            Array.ForEach(weights, weight => counts[Math.Min(weight, 7)]++);
        }

        double[] expected = [0.367879, 0.367879, 0.183940, 0.061313, 0.015328, 0.003066, 0.000511, 0.000083]; // e⁻¹ / k!
        Assert.All(counts.Zip(expected), pair => Assert.Equal(pair.Second, pair.First / 1e6, 0.0015));
    }

    [Fact]
    public void Weights_OfAUser_DependOnSeedAndUserAlone()
    {
        Assert.Equal(Weights(1, 5), Weights(1, 5));
        Assert.NotEqual(Weights(1, 5), Weights(1, 6));
        Assert.NotEqual(Weights(1, 5), Weights(2, 5));
        Assert.Equal(Weights(1, 5)[..50], Weights(1, 5, 50)); // and not on how many replicates there are

        static int[] Weights(ulong seed, int user, int count = 100)
        {
            var weights = new int[count];
            PoissonWeights.Fill(seed, user, weights);
            return weights;
        }
    }

    [Fact]
    public void Finish_AModelAgainstItself_IsExactlyZero()
    {
        var sums = Sums(users: 200, (random, _) => Twice(random.NextDouble()));

        Assert.Equal((0, 0, 0), (sums.Finish()[0].Difference, sums.Finish()[0].Low, sums.Finish()[0].High));
        Assert.False(sums.Finish()[0].ExcludesZero);
    }

    [Fact]
    public void Finish_AKnownShift_IsInsideTheNormalInterval()
    {
        var differences = new List<double>();
        var sums = Sums(users: 400, (random, _) =>
        {
            var (first, second) = (0.2 + (0.6 * random.NextDouble()), 0.4 * random.NextDouble());
            differences.Add(first - second);
            return (first, second);
        });

        var result = sums.Finish()[0];

        var mean = differences.Average();
        var error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / 400 / 400);
        Assert.Equal(mean, result.Difference, 8);
        Assert.Equal(mean - (1.96 * error), result.Low, 0.2 * error);
        Assert.Equal(mean + (1.96 * error), result.High, 0.2 * error);
        Assert.True(result.ExcludesZero);
    }

    [Fact]
    public void Finish_NoDifferenceInTruth_CoversZeroAboutNineteenTimesInTwenty()
    {
        var covered = Enumerable.Range(0, 200).Count(trial => !Sums(users: 120, (random, _) => (random.NextDouble(), random.NextDouble()), (ulong)trial).Finish()[0].ExcludesZero);

        Assert.InRange(covered, 180, 199);
    }

    [Fact]
    public void Finish_ModelsSwapped_IsTheMirrorImage()
    {
        var there = Sums(100, (random, _) => (random.NextDouble(), 0.3)).Finish()[0];
        var back = Sums(100, (random, _) => (0.3, random.NextDouble())).Finish()[0];

        Assert.Equal((there.Difference, there.Low, there.High), (-back.Difference, -back.High, -back.Low));
    }

    [Fact]
    public void Add_AnyGroupingOfUsers_GivesTheSameBytes()
    {
        var (all, even, odd) = (New(), New(), New());
        var random = SeedSequence.For(3, "grouping");
        for (var user = 0; user < 50; user++)
        {
            double[] first = [random.NextDouble()], second = [random.NextDouble()];
            all.Add(user, first, second);
            (user % 2 == 0 ? even : odd).Add(user, first, second);
        }

        odd.Add(even.ToBytes());

        Assert.Equal(all.ToBytes(), odd.ToBytes());
        Assert.Equal(50, odd.Users);
        Assert.Throws<InvalidDataException>(() => new BootstrapSums(["a", "b"], 1_000).Add(all.ToBytes()));
    }

    [Fact]
    public void Finish_FewOrNoUsers_IsStillANumber()
    {
        var one = New();
        one.Add(0, [1], [0.25]);

        Assert.Equal((0.75, 0.75, 0.75), (one.Finish()[0].Difference, one.Finish()[0].Low, one.Finish()[0].High));
        Assert.Equal(new PairedDifference("m", 0, 0, 0, 0), New().Finish()[0]);
    }

    [Fact]
    public void Evaluate_TwoScorers_HasTheMeansOfEachByItself()
    {
        var split = EvaluationSplit.Test(NoiseData.Create(users: 60, items: 40, perUser: 5, seed: 1).ToDataset());
        var (up, down) = (new FixedScorer([.. Enumerable.Range(0, 40).Select(i => (float)i)]), new FixedScorer([.. Enumerable.Range(0, 40).Select(i => -(float)i)]));
        var frame = EvaluationFrame.Of(split, [5, 10]);
        var sums = PairedEvaluator.NewSums(frame, 100, seed: 1);

        new PairedEvaluator(split, frame).Evaluate(up, down, [.. Enumerable.Range(0, 60)], sums);

        var (first, second) = (Metrics(up), Metrics(down));
        Assert.Equal("hr@5 hr@10 ndcg@5 ndcg@10", string.Join(' ', sums.Metrics));
        Assert.All(sums.Finish(), result => Assert.Equal((first[result.Metric], second[result.Metric]), (result.First, result.Second)));

        IReadOnlyDictionary<string, double> Metrics(IScorer scorer) => RankingEvaluator.EvaluateAll(() => scorer, split, [5, 10], threads: 1).Metrics;
    }

    private static (double First, double Second) Twice(double value) => (value, value);

    private static BootstrapSums New() => new(["m"], 1_000, seed: 11);

    private static BootstrapSums Sums(int users, Func<SeededRandom, int, (double First, double Second)> draw, ulong trial = 0)
    {
        var sums = New();
        for (var user = 0; user < users; user++)
        {
            var (first, second) = draw(SeedSequence.For(trial, "users", user), user);
            sums.Add(user, [first], [second]);
        }

        return sums;
    }
}
