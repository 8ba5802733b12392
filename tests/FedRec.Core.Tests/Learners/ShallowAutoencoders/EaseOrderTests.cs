using FedRec.Core.Data;
using FedRec.Core.Data.Times;
using FedRec.Core.Learners;
using FedRec.Core.Learners.ShallowAutoencoders;

namespace FedRec.Core.Tests.Learners.ShallowAutoencoders;

/// <summary><c>ease</c> that goes by the order of a user's own items.</summary>
public sealed class EaseOrderTests
{
    private const int Items = 23;
    private static readonly UserItems s_data = Counted.Random(60, Items, seed: 5);

    [Fact]
    public void Score_WithRecency_WeighsWhatIsNewerMore()
    {
        var learner = Create(new EaseOptions { Lambda = 3, Recency = 2.5 });
        var weights = Reference.Weights(s_data, Items, 3);

        AssertScores(learner, (own, ages, item) => own.Zip(ages).Sum(one => Math.Exp(-one.Second / 2.5) * weights[one.First, item]), 1e-5);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(1_000_000)]
    public void Score_WithAKernel_IsTheCentralisedSolution(int users)
    {
        var learner = Create(new EaseOptions { Lambda = 3, Kernel = 4 }, users);
        var unit = Ease.UnitFor(users);
        var weights = Reference.Weights(s_data, Items, 3, pair: (a, b) => Math.Round(unit * Math.Exp(-Math.Abs(a - b) / 4)) / unit);

        AssertScores(learner, (own, _, item) => own.Sum(i => weights[i, item]), 1e-6);
    }

    [Fact]
    public void Score_WithAKernelInWholeUnits_IsCloseToThatOfRealNumbers()
    {
        var weights = Reference.Weights(s_data, Items, 3, pair: (a, b) => Math.Exp(-Math.Abs(a - b) / 4));

        AssertScores(Create(new EaseOptions { Lambda = 3, Kernel = 4 }), (own, _, item) => own.Sum(i => weights[i, item]), 1e-3);
    }

    [Theory]
    [InlineData(TimeUnit.Seconds, 86_400)]
    [InlineData(TimeUnit.Milliseconds, 86_400_000)]
    [InlineData(TimeUnit.Nanoseconds, 86_400_000_000_000)]
    public void Score_WithAKernelInDays_IsTheCentralisedSolution(TimeUnit times, long perDay)
    {
        var data = InDays(perDay);
        var learner = Create(new EaseOptions { Lambda = 3, Kernel = 4, KernelUnit = KernelUnit.Days }, times: times);
        var unit = Ease.UnitFor(60);
        var weights = Reference.Weights(data, Items, 3, timed: (a, b) => Math.Round(unit * Math.Exp(-Math.Abs(a - b) / (4.0 * perDay))) / unit);

        AssertScores(learner, (own, _, item) => own.Sum(i => weights[i, item]), 1e-6, data);
    }

    [Fact]
    public void Round_AChangedHistoryUnderAKernelInDays_IsCountedAsIfItHadAlwaysBeenSo()
    {
        var (learner, data) = (Create(new EaseOptions { Lambda = 3, Kernel = 4, KernelUnit = KernelUnit.Days }), InDays(86_400));
        var tasks = Counted.Tasks(data, Items);
        var before = Counted.Learn(learner, 1, tasks);
        var changed = tasks[7].Data.After([new ItemChange(0, tasks[7].Data.Items(0)[0], 0, ItemChangeKind.Removed), new ItemChange(0, 22, 0, ItemChangeKind.Added)]);

        var after = Counted.Round(learner, before, tasks[7] with { Data = changed, Counted = tasks[7].Data });

        tasks[7] = tasks[7] with { Data = changed };
        Assert.True(after.Span[..276].SequenceEqual(Counted.Learn(learner, 1, tasks).Span[..276]));
        Assert.False(after.Span[..276].SequenceEqual(before.Span[..276]));
    }

    [Theory]
    [InlineData(0, 16_384)]
    [InlineData(1_024, 16_384)]
    [InlineData(1_025, 8_192)]
    [InlineData(10_000_000, 1)]
    [InlineData(100_000_000, 1)]
    public void UnitFor_Users_LeavesRoomForAllOfThem(int users, double unit) => Assert.Equal(unit, Ease.UnitFor(users));

    [Fact]
    public void Learn_WithRecency_GivesTheBytesOfPlainEase() => Assert.True(
        Counted.Learn(Create(new EaseOptions { Lambda = 3 }), 1, Counted.Tasks(s_data, Items)).Span.SequenceEqual(
            Counted.Learn(Create(new EaseOptions { Lambda = 3, Recency = 2 }), 1, Counted.Tasks(s_data, Items)).Span));

    [Fact]
    public void Score_NewClick_CountsAsTheNewest()
    {
        var learner = Create(new EaseOptions { Lambda = 3, Recency = 1 });
        var model = learner.Prepare(Counted.Learn(learner, 1, Counted.Tasks(s_data, Items)));
        using var worker = learner.CreateWorker();
        var before = new ClientData(s_data, new[] { 3 }, Items);
        var clicked = Enumerable.Range(0, Items).First(item => !before.Items(0).Contains(item));

        var after = before.After([new ItemChange(0, clicked, 0, ItemChangeKind.Added)]);

        Assert.Equal(0, after.Ages(0)[after.Items(0).IndexOf(clicked)]);
        Assert.Equal(before.Ages(0).ToArray().Select(age => age + 1), after.Ages(0).ToArray().Where(age => age > 0));
        var parts = new float[after.Items(0).Length];
        worker.Explain(model, after.History(0), (clicked + 1) % Items, parts);
        Assert.Equal(Reference.Weights(s_data, Items, 3)[clicked, (clicked + 1) % Items], parts[after.Items(0).IndexOf(clicked)], 1e-6);
    }

    [Fact]
    public void Prepare_AVersionOfBeforeThereWasAnOrder_ScoresAsItDid()
    {
        var plain = Create(new EaseOptions { Lambda = 3 });
        var version = Counted.Learn(plain, 1, Counted.Tasks(s_data, Items));
        var (then, now) = (new float[Items], new float[Items]);
        using var old = plain.CreateWorker();
        old.Score(plain.Prepare(version), s_data.History(1), then);

        var voting = Create(new EaseOptions());
        using var worker = voting.CreateWorker();
        worker.Score(voting.Prepare(version), s_data.History(1), now);

        Assert.Equal(then, now);
    }

    [Theory]
    [InlineData("kernel", "5", "the data has no times")]
    [InlineData("recency", "5", "the data has no times")]
    [InlineData("kernel-unit", "days", "the data has no times")]
    [InlineData("kernel-unit", "weeks", "must be items or days")]
    [InlineData("kernel", "-1", "must be vote or 0 to 1000000")]
    [InlineData("recency", "soon", "must be vote or 0 to 1000000")]
    public void Create_OrderWithoutTimesOrNotANumber_IsRefusedByName(string option, string value, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => LearnerRegistry.Create("ease", new Dictionary<string, string> { [option] = value }, new FederationShape(5)));

        Assert.Contains(option, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_AKernelBesideASketch_IsRefusedByName()
    {
        var options = new Dictionary<string, string> { ["kernel"] = "5", ["sketch"] = "8" };

        var error = Assert.Throws<ArgumentException>(() => LearnerRegistry.Create("ease", options, new FederationShape(5) { HasTimes = true }));

        Assert.Contains("leave one of kernel and sketch out", error.Message, StringComparison.Ordinal);
    }

    private static Ease Create(EaseOptions options, int users = 60, TimeUnit times = default) =>
        new(options, new FederationShape(Items) { Users = users, HasTimes = true, TimeUnit = times });

    // Times a third of a day apart.
    private static UserItems InDays(long perDay)
    {
        int[] offsets = [0, .. Enumerable.Range(0, s_data.UserCount).Select(user => s_data.Items(user).Length)];
        for (var user = 0; user < s_data.UserCount; user++)
        {
            offsets[user + 1] += offsets[user];
        }

        var users = Enumerable.Range(0, s_data.UserCount).ToArray();
        return new UserItems(offsets, [.. users.SelectMany(user => s_data.Items(user).ToArray())],
            timestamps: [.. users.SelectMany(user => s_data.Timestamps(user).ToArray()).Select(time => time * perDay / 3)]);
    }

    private static void AssertScores(Ease learner, Func<int[], float[], int, double> expected, double tolerance, UserItems? other = null)
    {
        var data = other ?? s_data;
        var model = learner.Prepare(Counted.Learn(learner, 1, Counted.Tasks(data, Items)));
        using var worker = learner.CreateWorker();
        var scores = new float[Items];
        for (var user = 0; user < data.UserCount; user++)
        {
            worker.Score(model, data.History(user), scores);

            var (own, ages) = (data.Items(user).ToArray(), data.Ages(user).ToArray());
            Assert.All(scores, (score, item) => Assert.Equal(expected(own, ages, item), score, tolerance));
        }
    }
}
