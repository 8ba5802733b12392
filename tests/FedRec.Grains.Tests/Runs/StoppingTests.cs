using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;

namespace FedRec.Grains.Tests.Runs;

public sealed class StoppingTests
{
    /// <summary>A step so long that the model only becomes worse after its best round.</summary>
    internal static RunRequest Diverging(int publishEvery) => TestFederation.Request(rounds: 40) with
    {
        HoldOutValidation = true,
        Rounds = new RoundSettings { Count = 40, PublishEvery = publishEvery },
        ServerOptimizer = new ServerOptimizerSettings { Name = "adam", LearningRate = 0.4 },
        EvaluateEvery = 2,
        Patience = 3,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task Run_OnAPlateau_StopsAndPutsTheBestVersionInUse(int publishEvery)
    {
        await using var federation = await TestFederation.StartAsync(1);

        var status = await federation.RunAsync(Diverging(publishEvery));

        var validation = status.Evaluations.Where(evaluation => evaluation.OnValidation).ToList();
        var best = validation.MaxBy(evaluation => evaluation.Metrics["ndcg@10"])!;
        var (manifest, summary) = await ReadAsync(federation, status.Version);
        Assert.Equal((RunPhase.Completed, RunStopReason.Plateau), (status.Phase, status.StopReason));
        Assert.Contains($"since round {best.Round} (", status.Reason, StringComparison.Ordinal);
        Assert.Equal(best.Round + (3 * 2), status.RoundsDone);
        Assert.InRange(best.Round, 1, 32);
        Assert.Equal((best.Round, status.Version, status.Sha256), (manifest.Round, summary.Serving, manifest.Sha256));
        Assert.Equal((best.Round, false), (status.Evaluations[^1].Round, status.Evaluations[^1].OnValidation));
    }

    [Fact]
    public async Task Run_KilledOnItsWayToThePlateau_EndsAsUndisturbed()
    {
        var (states, models) = (new SurvivingStorage(), new Core.Snapshots.MemoryModelStore());
        await using var whole = await TestFederation.StartAsync(1);
        var undisturbed = await whole.RunAsync(Diverging(publishEvery: 100));
        var best = undisturbed.Evaluations.Where(evaluation => evaluation.OnValidation).MaxBy(evaluation => evaluation.Metrics["ndcg@10"])!.Round;

        await using (var first = await TestFederation.StartAsync(1, states, models))
        {
            await first.StartRunAsync(Diverging(publishEvery: 100));
            await Waiting.UntilAsync(async () => (await first.Grains.GetGrain<IRunGrain>("test/run-1").GetStatusAsync())!.RoundsDone >= best + 3);
        }

        await using var second = await TestFederation.StartAsync(1, states, models);
        var resumed = await second.WaitAsync("test", "run-1");

        var (_, summary) = await ReadAsync(second, resumed.Version);
        Assert.Equal((undisturbed.Sha256, undisturbed.RoundsDone, undisturbed.Reason), (resumed.Sha256, resumed.RoundsDone, resumed.Reason));
        Assert.Equal(resumed.Version, summary.Serving);
        Assert.Equal(undisturbed.Evaluations.Select(e => (e.Round, e.OnValidation)), resumed.Evaluations.Select(e => (e.Round, e.OnValidation)));
    }

    [Fact]
    public async Task Run_WhoseValidationMetricReachesTheTarget_StopsThere()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = Diverging(publishEvery: 100) with { Patience = 0, TargetMetric = "hr@50", TargetValue = 0.5, ServerOptimizer = new() };

        var status = await federation.RunAsync(request);

        Assert.Equal((RunPhase.Completed, RunStopReason.Target), (status.Phase, status.StopReason));
        Assert.StartsWith("validation hr@50 ", status.Reason, StringComparison.Ordinal);
        var last = status.Evaluations.Last(evaluation => evaluation.OnValidation);
        Assert.Equal(status.RoundsDone, last.Round);
        Assert.All(status.Evaluations.Where(evaluation => evaluation.OnValidation), evaluation => Assert.Equal(evaluation == last, evaluation.Metrics["hr@50"] >= 0.5));
    }

    [Fact]
    public async Task Run_WhoseLossReachesTheTarget_StopsInThatRound()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request(rounds: 30);
        var all = await federation.RunAsync(request with { Federation = "all" });
        var target = all.Rounds[10].Loss!.Value;

        var status = await federation.RunAsync(request with { TargetMetric = "loss", TargetValue = target });

        Assert.Equal((RunStopReason.Rounds, RunStopReason.Target), (all.StopReason, status.StopReason));
        Assert.Equal(all.Rounds.First(round => round.Loss <= target).Round, status.RoundsDone);
        Assert.Equal(all.Rounds[status.RoundsDone - 1].StepNorm, status.Rounds[^1].StepNorm);
    }

    [Fact]
    public async Task Run_WithHeldOutValidation_HasItsFinalModelOnValidationToo()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request(rounds: 3);

        var status = await federation.RunAsync(request with { HoldOutValidation = true });

        Assert.Equal([(0, true), (3, true), (3, false)], status.Evaluations.Select(evaluation => (evaluation.Round, evaluation.OnValidation)));
    }

    [Theory]
    [InlineData("precision@10", 0.5, 2, "one of hr@1,")]
    [InlineData("ndcg@10", 1.5, 2, "from 0 to 1")]
    [InlineData("ndcg@10", 0.1, 0, "validation")]
    [InlineData("loss", double.PositiveInfinity, 2, "finite")]
    public async Task StartRun_WithATargetThatCannotBe_IsRefused(string metric, double value, int evaluateEvery, string expected)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request() with { TargetMetric = metric, TargetValue = value, EvaluateEvery = evaluateEvery };

        var receipt = await federation.StartRunAsync(request);

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(expected, receipt.Message, StringComparison.Ordinal);
    }

    private static async Task<(ModelManifest Manifest, ModelSummary Summary)> ReadAsync(TestFederation federation, long version)
    {
        var model = federation.Grains.GetGrain<IModelGrain>("test");
        return ((await model.GetManifestAsync(version))!, await model.GetSummaryAsync());
    }
}
