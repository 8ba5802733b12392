using FedRec.Core.Data;
using FedRec.Core.Models;
using FedRec.Core.Models.ShallowAutoencoders;

namespace FedRec.Core.Tests.Models.ShallowAutoencoders;

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

    private static Ease Create(EaseOptions options, int users = 60) => new(options, new FederationShape(Items) { Users = users, HasTimes = true });

    private static void AssertScores(Ease learner, Func<int[], float[], int, double> expected, double tolerance)
    {
        var model = learner.Prepare(Counted.Learn(learner, 1, Counted.Tasks(s_data, Items)));
        using var worker = learner.CreateWorker();
        var scores = new float[Items];
        for (var user = 0; user < s_data.UserCount; user++)
        {
            worker.Score(model, s_data.History(user), scores);

            var (own, ages) = (s_data.Items(user).ToArray(), s_data.Ages(user).ToArray());
            Assert.All(scores, (score, item) => Assert.Equal(expected(own, ages, item), score, tolerance));
        }
    }
}
