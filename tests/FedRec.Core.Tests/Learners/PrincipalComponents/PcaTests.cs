using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.PrincipalComponents;
using FedRec.Core.Privacy;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Learners.ShallowAutoencoders;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners.PrincipalComponents;

/// <summary>What a user adds has length 1 whatever the user has met; what comes of the sums finds who is like whom, also through noise.</summary>
public sealed class PcaTests
{
    private const int Items = 40;
    private static readonly UserItems s_nothing = new(new int[2], (int[])[]);
    private static readonly Pca s_learner = new(new PcaOptions { CommonItems = 25 }, new FederationShape(Items));

    // Noise is measured by this length: were one user longer, less would be hidden of that one than is said.
    [Fact]
    public void Train_OfAnyOneUser_SendsALengthOfOne_AndWithoutAnythingToTellNothing()
    {
        var data = Counted.Random(300, Items, seed: 9);
        var (first, second) = (Send(data, done: 0, new float[s_learner.Parameters.Length]), Send(data, done: 1, Means(data)));

        Assert.All(first, length => Assert.InRange(length, 1 - 1e-6, 1 + 1e-6));
        Assert.All(second, length => Assert.True(length == 0 || length is > 1 - 1e-5 and < 1 + 1e-5, $"{length}"));
        Assert.True(second.Count(length => length > 0) > 250);
        Assert.Equal([0.0, 0.0], Send(s_nothing, 0, Means(data)).Concat(Send(s_nothing, 1, Means(data))));
    }

    // Of a client with many users what is clipped is their sum, which the noise is to hide, and not each of them.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Send_OfAClientWithManyUsers_IsNoLongerThanOneAllTogether(int done)
    {
        var data = Counted.Random(30, Items, seed: 9);
        var way = UpdateWay.For(s_learner, FederationParts.BuiltIn(), new UpdateSettings(ClipNorm: 1), 20);
        var algorithm = new FederatedAlgorithm(s_learner, new FederatedOptions(way, ClientWeighting.Parse("uniform", 0), _ => new SgdOptimizer(1), 1), 20, new int[20]);
        var (phase, buffer) = (new LearningPhase("", done), new UpdateBuffer());
        using var worker = s_learner.CreateWorker();
        var result = worker.Train(s_learner.Prepare(Means(data), phase), new LocalTask(new ClientData(data, Enumerable.Range(0, 30).ToArray(), Items), SeedSequence.For(1, 1, 0)), buffer);
        var (update, outcome, _) = algorithm.Send(s_learner.Recipe(phase), done + 1, 0, result, buffer);
        var sum = (FixedPointSum)algorithm.Empty(s_learner.Recipe(phase));

        Assert.True(sum.TryAdd(update.Values, update.Weight, update.Loss, update.Examples));

        Assert.Equal(UpdateOutcome.Clipped, outcome);
        Assert.Equal(1, Math.Sqrt(Squares([.. sum.Values.ToArray().Select(value => (float)sum.Scale.Decode(value))])), 1e-5);
    }

    // It would take most of everybody's length, and is known from the first sum.
    [Fact]
    public void Pairs_OfAllUsers_HaveNothingOfWhatEverybodyHasInCommon()
    {
        var version = Train(TwoKinds(users: 200), noise: 0);
        var (common, pairs) = (((PcaModel)s_learner.Prepare(version)).Common, s_learner.MeansOf(version).Pairs.ToArray());
        var (size, next) = (common.Items.Length, 0);
        var along = new double[size];
        for (var row = 0; row < size; row++)
        {
            along[row] += pairs[next++] * common.Direction[row];
            for (var column = row + 1; column < size; column++, next++)
            {
                along[row] += pairs[next] / Math.Sqrt(2) * common.Direction[column];
                along[column] += pairs[next] / Math.Sqrt(2) * common.Direction[row];
            }
        }

        Assert.Equal(1, Enumerable.Range(0, size).Sum(row => pairs[(row * size) - (row * (row - 1) / 2)]), 1e-4); // all of everybody's length is in it
        Assert.All(along, value => Assert.Equal(0, value, 1e-5));
    }

    // Users of one half of the catalogue and users of the other: who has met some of one half is to be told the rest of it.
    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public void Score_OfUsersOfTwoKinds_RanksTheirOwnKindFirst(double noise)
    {
        var data = TwoKinds(users: 400);
        var model = s_learner.Prepare(Train(data, noise));
        using var worker = s_learner.CreateWorker();
        var scores = new float[Items];

        var right = 0;
        for (var kind = 0; kind < 2; kind++)
        {
            int[] own = [(10 * kind) + 1, (10 * kind) + 4, (10 * kind) + 7];
            worker.Score(model, own, scores);
            right += Enumerable.Range(0, 20).Except(own).OrderByDescending(item => scores[item]).Take(7).Count(item => item / 10 == kind);
        }

        Assert.True(right >= 12, $"{right} of 14"); // by how often items are met it is 7
    }

    [Fact]
    public void Explain_OfAnItem_AddsUpToItsScore()
    {
        var model = s_learner.Prepare(Train(TwoKinds(users: 400), noise: 0.5));
        using var worker = s_learner.CreateWorker();
        var (scores, parts) = (new float[Items], new float[4]);
        var own = new UserHistory([1, 4, 7, 30], ages: [3, 2, 1, 0]);

        worker.Score(model, own, scores);

        for (var item = 0; item < Items; item++)
        {
            worker.Explain(model, own, item, parts);
            Assert.Equal(scores[item], parts.Sum(), 1e-5);
        }
    }

    // Clients choose the items before the second sum, whoever scores chooses them after it.
    [Fact]
    public void CommonItems_BeforeTheSecondRoundAndAfterIt_AreTheSame()
    {
        var data = TwoKinds(users: 200);
        var before = ((PcaModel)s_learner.Prepare(Federation(0.7).Train(Clients(data), 1, seed: 1))).Common;
        var after = ((PcaModel)s_learner.Prepare(Federation(0.7).Train(Clients(data), 2, seed: 1))).Common;

        Assert.Equal(before.Items, after.Items);
        Assert.Equal(before.Direction, after.Direction);
        Assert.InRange(before.Items.Length, CommonItems.Least, 25);
    }

    [Fact]
    public void Prepare_OfAVersionWithoutTheSecondSum_GoesByHowOftenItemsAreMet()
    {
        var version = Federation(0).Train(Clients(TwoKinds(users: 50)), 1, seed: 1);
        var (model, scores) = (s_learner.Prepare(version), new float[Items]);
        using var worker = s_learner.CreateWorker();

        worker.Score(model, new int[] { 3 }, scores);

        Assert.Equal((1, null), (model.Phase.Rounds, model.Derived));
        Assert.Equal(version.Span[..Items].ToArray(), scores);
        Assert.Null(worker.Similarity(model));
    }

    [Fact]
    public void Take_OfWeightsThatWereKept_ScoresAsBefore()
    {
        var version = Train(TwoKinds(users: 100), noise: 0.5);
        var (solved, taken) = (s_learner.Prepare(version), s_learner.Prepare(version));
        using var worker = s_learner.CreateWorker();
        var (first, second) = (new float[Items], new float[Items]);
        worker.Score(solved, new int[] { 1, 2 }, first);

        taken.Derived!.Take(solved.Derived!.ToSnapshot());
        worker.Score(taken, new int[] { 1, 2 }, second);

        Assert.True(taken.Derived.IsReady);
        Assert.Equal(first, second);
    }

    // What a run was begun with is forgotten: a second run releases its own sums, and not those of the first beside them.
    [Fact]
    public void BeginWith_OfAnyVersion_BeginsAnew()
    {
        var version = Train(TwoKinds(users: 100), noise: 0);

        Assert.Equal(Train(TwoKinds(users: 60), 0).ToArray(), Federation(0).Train(Clients(TwoKinds(users: 60)), 2, seed: 1, start: s_learner.BeginWith(version)).ToArray());
    }

    // A tenth of the budget: 1/(3z)² beside 1/z².
    [Fact]
    public void Release_OfTheFirstRound_HasThreeTimesTheNoiseOfTheSecond()
    {
        var (data, deviations) = (TwoKinds(users: 100), new double[2]);
        for (var round = 1; round <= 2; round++)
        {
            var version = Federation(1).Train(Clients(data), round, seed: 1);
            deviations[round - 1] = version.Span[^(4 - round)];
        }

        Assert.Equal(1 / 100.0, deviations[1], 1e-6); // of a mean of 100
        Assert.Equal(Pca.CountingNoise, deviations[0] / deviations[1], 1e-5);
        var means = Federation(1).Train(Clients(new UserItems(new int[101], (int[])[])), 2, seed: 1).Span; // nobody has anything: noise alone
        Assert.InRange(Math.Sqrt(Squares(means[..Items]) / Items), 0.02, 0.04);
        Assert.InRange(Math.Sqrt(Squares(means[Items..^4]) / (means.Length - Items - 4)), 0.009, 0.011);
    }

    private static double Squares(ReadOnlySpan<float> values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += value * value;
        }

        return sum;
    }

    private static double[] Send(UserItems data, int done, ReadOnlyMemory<float> parameters)
    {
        using var worker = s_learner.CreateWorker();
        var recipe = s_learner.Recipe(new LearningPhase("", done));
        return [.. Enumerable.Range(0, data.UserCount).Select(user =>
        {
            var buffer = new UpdateBuffer();
            worker.Train(s_learner.Prepare(parameters, new LearningPhase("", done)), new LocalTask(new ClientData(data, new[] { user }, Items), SeedSequence.For(1, 1, user)), buffer);
            return NormClipping.Length(buffer, recipe.Update);
        })];
    }

    private static ReadOnlyMemory<float> Means(UserItems data) => Federation(0).Train(Clients(data), 1, seed: 1);

    private static ReadOnlyMemory<float> Train(UserItems data, double noise) => Federation(noise).Train(Clients(data), 2, seed: 1);

    private static InProcessFederation Federation(double noise) => new(s_learner, _ => new SgdOptimizer(1), ClientWeighting.Parse("uniform", 0))
    {
        Steps = noise == 0 ? UpdatePipeline.Empty : new UpdatePipeline(new NormClipping(1)),
        Privacy = noise == 0 ? null : new(() => new CentralPrivacy(1, noise, new SecretKey([.. Enumerable.Range(1, SecretKey.Length).Select(i => (byte)i)]), "test/run-1")),
    };

    private static ClientData[] Clients(UserItems data) => [.. Enumerable.Range(0, data.UserCount).Select(user => new ClientData(data, new[] { user }, Items))];

    private static UserItems TwoKinds(int users)
    {
        var random = SeedSequence.For(3, 1, 1);
        var (offsets, items) = (new List<int> { 0 }, new List<int>());
        for (var user = 0; user < users; user++)
        {
            for (var item = 0; item < 20; item++)
            {
                if (random.NextDouble() < (item / 10 == user % 2 ? 0.6 : 0.1))
                {
                    items.Add(item);
                }
            }

            offsets.Add(items.Count);
        }

        return new UserItems(offsets.ToArray(), items.ToArray());
    }
}
