using System.Runtime.InteropServices;
using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.ShallowAutoencoders;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners.ShallowAutoencoders;

public sealed class EaseTests
{
    private const int Items = 23;
    private const double Lambda = 3;
    private static readonly UserItems s_data = Counted.Random(60, Items, seed: 5);

    /// <summary>Sketch, kernel and recency.</summary>
    public static TheoryData<int, double, double> Kinds => new() { { 0, 0, 0 }, { 7, 0, 0 }, { 7, 0, 3 }, { 0, 4, 0 }, { 0, 4, 3 } };

    [Theory]
    [InlineData(0)]
    [InlineData(0.75)]
    public void Score_AfterOneRound_IsTheCentralisedSolution(double dropout)
    {
        var learner = new Ease(new EaseOptions { Lambda = Lambda, ItemDropout = dropout }, new FederationShape(Items));
        var model = learner.Prepare(Counted.Learn(learner, 1, Counted.Tasks(s_data, Items)));
        using var worker = learner.CreateWorker();
        var (weights, scores) = (Reference.Weights(s_data, Items, Lambda, dropout), new float[Items]);

        for (var user = 0; user < s_data.UserCount; user++)
        {
            worker.Score(model, s_data.Items(user), scores);

            var own = s_data.Items(user).ToArray();
            Assert.All(scores, (score, item) => Assert.Equal(own.Sum(i => weights[i, item]), score, 1e-6));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10_000)]
    public void Round_APartyWithMoreThan262144UsersOfOneItem_CountsThemExactly(int clients)
    {
        const int users = 262_144 + 7;
        var learner = LearnerRegistry.Create("ease", new Dictionary<string, string> { ["lambda"] = "500" }, new FederationShape(2, clients) { Users = users });
        var party = new ClientData(new UserItems([.. Enumerable.Range(0, users + 1)], new int[users]), Enumerable.Range(0, users).ToArray(), 2);
        var (sum, buffer, delta) = (new FixedPointSum(learner.Recipe(LearningPhase.Training).Update.Length, SumScale.For(clients, learner.LargestUpdate)), new UpdateBuffer(), new float[learner.Parameters.Length]);
        var parameters = learner.Initialize(1);
        using var worker = learner.CreateWorker();

        var result = worker.Train(learner.Prepare(parameters), new(party, SeedSequence.For(1, 1, 0)), buffer);
        Assert.True(sum.TryAdd(buffer, 1, result.Loss, result.Examples), sum.FindFault(buffer, 1, result.Loss).ToString());
        learner.Conclude(learner.Begin(parameters), sum, delta);

        Assert.Equal([users, 0, 0], delta[..3]);
    }

    [Theory]
    [InlineData(16_777_216, 0, false)]
    [InlineData(16_777_217, 0, true)]
    [InlineData(10_000_000, 6_777_217, true)]
    public void Aggregate_MoreUsersThanFloat32CountsExactly_IsRefusedByName(long added, float before, bool isRefused)
    {
        var learner = new Ease(new EaseOptions { Lambda = Lambda }, new FederationShape(1));
        var values = new long[learner.Recipe(LearningPhase.Training).Update.Length];
        values[0] = added << 20;
        var sum = new FixedPointSum(MemoryMarshal.AsBytes<long>(values).ToArray(), 1, 0, 1, 0, 1, new SumScale(20, 1));
        var (parameters, delta) = (learner.Initialize(1), new float[learner.Parameters.Length]);
        parameters[0] = before;

        var error = Record.Exception(() => learner.Conclude(learner.Begin(parameters), sum, delta));

        Assert.Equal(isRefused, error is InvalidDataException);
        Assert.Equal(isRefused, error?.Message.Contains("16,777,216 users", StringComparison.Ordinal) ?? false);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Explain_AnyItem_PartsAddUpToTheScore(int sketch, double kernel, double recency)
    {
        var learner = Learner(sketch, kernel, recency);
        var model = learner.Prepare(Counted.Learn(learner, 1, Counted.Tasks(s_data, Items)));
        using var worker = learner.CreateWorker();
        var own = s_data.History(3);
        var scores = new float[Items];
        var parts = new float[own.Items.Length];
        worker.Score(model, own, scores);

        for (var item = 0; item < Items; item++)
        {
            worker.Explain(model, own, item, parts);

            Assert.Equal(scores[item], parts.Sum(), 1e-5);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Round_UserIsRemoved_LeavesTheBytesOfTrainingWithoutTheUser(int sketch, double kernel, double recency)
    {
        var learner = Learner(sketch, kernel, recency);
        var tasks = Counted.Tasks(s_data, Items);
        var all = Counted.Learn(learner, 1, tasks);
        var gone = new LocalTask(Nothing(), default, Counted: tasks[17].Data);

        var removed = Counted.Round(learner, all, gone);

        Assert.Equal(Bytes(Counted.Learn(learner, 1, [.. tasks.Where((_, user) => user != 17)])), Bytes(removed));
        Assert.NotEqual(Bytes(all), Bytes(removed));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Round_InteractionsChange_GivesTheBytesOfTrainingAfresh(int sketch, double kernel, double recency)
    {
        var (learner, later) = (Learner(sketch, kernel, recency), Counted.Random(60, Items, seed: 6));
        var changes = Counted.Tasks(later, Items).Zip(Counted.Tasks(s_data, Items), (now, before) => now with { Counted = before.Data });

        var updated = Counted.Round(learner, Counted.Learn(learner, 1, Counted.Tasks(s_data, Items)), changes);

        Assert.Equal(Bytes(Counted.Learn(learner, 1, Counted.Tasks(later, Items))), Bytes(updated));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Round_NothingHasChanged_ChangesNothing(int sketch, double kernel, double recency)
    {
        var learner = Learner(sketch, kernel, recency);
        var tasks = Counted.Tasks(s_data, Items);
        var learned = Counted.Learn(learner, 1, tasks);

        Assert.Equal(Bytes(learned), Bytes(Counted.Round(learner, learned, tasks)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Round_UsersOfOneClientOrOfMany_GivesTheSameBytes(int sketch, double kernel, double recency)
    {
        var learner = Learner(sketch, kernel, recency);
        var together = new LocalTask(new ClientData(s_data, Enumerable.Range(0, s_data.UserCount).ToArray(), Items), default);

        Assert.Equal(Bytes(Counted.Learn(learner, 1, Counted.Tasks(s_data, Items))), Bytes(Counted.Learn(learner, 1, together)));
    }

    [Fact]
    public void Score_NewClick_ChangesTheListAtOnce()
    {
        var learner = Learner();
        var model = learner.Prepare(Counted.Learn(learner, 1, Counted.Tasks(s_data, Items)));
        using var worker = learner.CreateWorker();
        var (before, after) = (new float[Items], new float[Items]);

        worker.Score(model, new[] { 1, 4 }, before);
        worker.Score(model, new[] { 1, 4, 9 }, after);

        Assert.NotEqual(before, after);
    }

    [Fact]
    public void Score_NothingMetYet_FollowsPopularity()
    {
        var learner = Learner();
        var model = learner.Prepare(Counted.Learn(learner, 1, Counted.Tasks(s_data, Items)));
        using var worker = learner.CreateWorker();
        var scores = new float[Items];

        worker.Score(model, default(UserHistory), scores);

        var users = Enumerable.Range(0, s_data.UserCount);
        Assert.Equal(Enumerable.Range(0, Items).Select(item => (float)users.Count(u => s_data.Items(u).Contains(item))), scores);
    }

    [Fact]
    public void Create_CatalogueTooLargeForAllPairs_PointsToTheSketch()
    {
        var error = Assert.Throws<ArgumentException>(() => LearnerRegistry.Create("ease", new Dictionary<string, string>(), new FederationShape(30_000)));

        Assert.Equal("ease keeps a weight for each pair of items, which for 30000 items takes 4 GB; give --sketch 1024 (more is closer to exact), or use mf.", error.Message);
        Assert.Equal("ease", LearnerRegistry.Create("ease", new Dictionary<string, string> { ["sketch"] = "8" }, new FederationShape(30_000)).Name);
    }

    private static Ease Learner(int sketch = 0, double kernel = 0, double recency = 0) => new(
        new EaseOptions { Lambda = Lambda, Sketch = sketch, Kernel = kernel, Recency = recency }, new FederationShape(Items) { Users = s_data.UserCount, HasTimes = true });

    private static ClientData Nothing() => new(new UserItems([0, 0], []), new[] { 0 }, Items);

    private static byte[] Bytes(ReadOnlyMemory<float> values) => MemoryMarshal.AsBytes(values.Span).ToArray();
}
