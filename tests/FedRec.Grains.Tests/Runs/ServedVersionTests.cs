using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Models;
using FedRec.Grains.Requests;
using FedRec.Grains.Tests.Messages;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Runs;

/// <summary>What a run may change of what is served: nothing before its end, one version at a good end, nothing at a bad one.</summary>
public sealed class ServedVersionTests
{
    private readonly SurvivingStorage _states = new();

    [Theory]
    [InlineData("quorum", RunStopReason.Quorum)]
    [InlineData("quorum in the end", RunStopReason.Quorum)]
    [InlineData("rejected in the end", RunStopReason.Diverged)]
    [InlineData("statistics without a quorum", RunStopReason.Quorum)]
    [InlineData("no round committed", RunStopReason.Quorum)]
    [InlineData("server learning rate", RunStopReason.Diverged)]
    [InlineData("scores", RunStopReason.Diverged)]
    public async Task Run_ThatDoesNotEndWell_ChangesNothingOfWhatIsServed(string how, RunStopReason expected)
    {
        await using var federation = await StartAsync(keep: 1);
        await federation.RunAsync(TestFederation.Request(rounds: 2));
        await federation.RunAsync(TestFederation.Request(rounds: 2) with { Seed = 2, Promote = PromotionPolicy.Never });
        var before = await ReadAsync(federation);
        federation.Gate.Before = call => Spoil(call, how);

        for (var again = 0; again < 2; again++)
        {
            var status = await federation.RunAsync(Bad(how) with { Seed = 3 + (ulong)again });
            Assert.Equal((RunPhase.Failed, expected, 0L, ""), (status.Phase, status.StopReason, status.Version, status.Sha256));
            Assert.Null(status.Promotion);
        }

        Assert.Equal(before, await ReadAsync(federation));
        Assert.Empty(_states.Checkpoints.Keys);
    }

    [Fact]
    public async Task Run_InTraining_LeavesWhatIsServedUntilItsEnd()
    {
        await using var federation = await StartAsync();
        await federation.RunAsync(TestFederation.Request(rounds: 2));
        var served = new List<long>();
        federation.Gate.Before = async call =>
        {
            if (call.ImplementationMethod.Name == nameof(Contracts.Rounds.IRoundGrain.CommitAsync) && call.Grain is Contracts.Rounds.IRoundGrain)
            {
                served.Add((await federation.Grains.GetGrain<IModelGrain>("test").GetSummaryAsync()).Latest);
            }
        };
        var pointers = _states.Writes.Count(state => state == "model");

        var status = await federation.RunAsync(TestFederation.Request(rounds: 6) with { Seed = 2, Promote = PromotionPolicy.Always });

        Assert.Equal(Enumerable.Repeat(1L, 6), served);
        Assert.Equal((2L, 1), (status.Version, _states.Writes.Count(state => state == "model") - pointers));
        Assert.Equal([0, 0, 0, 0, 0, 2L], status.Rounds.Select(round => round.Version));
        var summary = await federation.Grains.GetGrain<IModelGrain>("test").GetSummaryAsync();
        Assert.Equal((2L, 1L), (summary.Serving, summary.Previous));
        Assert.Equal(1, await federation.Grains.GetGrain<IModelGrain>("test").RollbackAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public async Task Run_WithValidation_PublishesItsBestRoundWithItsOwnMetrics(int publishEvery)
    {
        await using var federation = await StartAsync();

        var status = await federation.RunAsync(StoppingTests.Diverging(publishEvery) with { Patience = 0 });

        var best = status.Evaluations.Where(evaluation => evaluation is { OnValidation: true, Round: > 0 }).MaxBy(evaluation => evaluation.Metrics["ndcg@10"])!;
        var manifest = (await federation.Grains.GetGrain<IModelGrain>("test").GetManifestAsync(status.Version))!;
        Assert.Equal((best.Round, 1L), (manifest.Round, manifest.Version));
        Assert.InRange(best.Round, 1, 38); // and not the last
        await AssertMeasuredAsync(federation, manifest, ["validation", "test"]);
    }

    [Fact]
    public async Task Run_WithoutValidation_PublishesItsLastRoundWithItsOwnMetrics()
    {
        await using var federation = await StartAsync();

        var status = await federation.RunAsync(TestFederation.Request(rounds: 5) with { EvaluateEvery = 2 });

        var manifest = (await federation.Grains.GetGrain<IModelGrain>("test").GetManifestAsync(status.Version))!;
        Assert.Equal((5, 1L, "no version was in use"), (manifest.Round, status.Version, status.Promotion!.Reason));
        await AssertMeasuredAsync(federation, manifest, ["test"]);
    }

    [Fact]
    public async Task Run_WorseThanTheVersionInUse_IsPublishedAndNotPutInUse()
    {
        await using var federation = await StartAsync();
        var good = TestFederation.Request(rounds: 20) with { HoldOutValidation = true };
        var bad = good with { Rounds = new RoundSettings { Count = 1 }, ServerOptimizer = new ServerOptimizerSettings { Name = "sgd", LearningRate = 1e-6 } };

        var first = await federation.RunAsync(good);
        var second = await federation.RunAsync(bad);
        var kept = await federation.Grains.GetGrain<IModelGrain>("test").GetSummaryAsync();
        var third = await federation.RunAsync(bad with { Promote = PromotionPolicy.Always });
        var forced = await federation.Grains.GetGrain<IModelGrain>("test").GetSummaryAsync();
        var fourth = await federation.RunAsync(good with { Promote = PromotionPolicy.Never });
        var aside = await federation.Grains.GetGrain<IModelGrain>("test").GetSummaryAsync();

        Assert.Equal((true, false, true, false), (first.Promotion!.Promoted, second.Promotion!.Promoted, third.Promotion!.Promoted, fourth.Promotion!.Promoted));
        Assert.Equal((1L, 3L, 3L), (kept.Serving, forced.Serving, aside.Serving));
        Assert.Contains("that of version 1, which stays in use", second.Promotion.Reason, StringComparison.Ordinal);
        Assert.Equal([1L, 2, 3, 4], aside.Versions.Select(line => line.Version));
        Assert.Equal(second.Promotion, kept.Versions[^1].Promotion);
    }

    [Fact]
    public async Task Run_OnTheSameRowsInAnotherFile_IsCompared()
    {
        await using var federation = await StartAsync();
        var rows = Enumerable.Range(0, 400).Select(i => $"u{i % 20},i{i * 7 % 31},{i}").ToArray();
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");
        var request = TestFederation.Request(rounds: 2) with { HoldOutValidation = true };
        try
        {
            await File.WriteAllLinesAsync(file, ["user,item,timestamp", .. rows]);
            var first = await federation.RunAsync(request, new DataSpec { Path = file });
            File.Move(file, file + ".csv");
            var second = await federation.RunAsync(request with { Seed = 2 }, new DataSpec { Path = file + ".csv" });

            Assert.Equal("no version was in use", first.Promotion!.Reason);
            Assert.StartsWith("its validation NDCG@10 is 0.", second.Promotion!.Reason, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
            File.Delete(file + ".csv");
        }
    }

    // Two rounds are committed, and the others come to nothing.
    private static Task Spoil(IIncomingGrainCallContext call, string how)
    {
        switch (call.Request.GetArgumentCount() > 0 ? call.Request.GetArgument(0) : null)
        {
            case TrainOrder { Round: > 2 } when how == "quorum in the end":
                throw new TimeoutException("the network is down");
            case PartialSum { Round: > 2 } sum when how == "rejected in the end":
                call.Request.SetArgument(0, DivergenceTests.Rejected(sum));
                break;
            default:
                break;
        }

        return Task.CompletedTask;
    }

    private static RunRequest Bad(string how)
    {
        var request = TestFederation.Request(rounds: 10);
        return how switch
        {
            "quorum" => request with { Rounds = request.Rounds with { Dropout = 0.9, Quorum = 1 } },
            "statistics without a quorum" => request with { Learner = "ease", LearnerOptions = ImmutableSortedDictionary<string, string>.Empty, Rounds = new RoundSettings { Dropout = 0.9, Quorum = 1 } },
            "quorum in the end" or "rejected in the end" => request with { Rounds = request.Rounds with { PublishEvery = 1 } },
            "no round committed" => request with { Rounds = new RoundSettings { Count = 2, Dropout = 0.9, Quorum = 1 } },
            "server learning rate" => request with { ServerOptimizer = new ServerOptimizerSettings { Name = "sgd", LearningRate = 1e308 } },
            _ => request with { ServerOptimizer = new ServerOptimizerSettings { Name = "sgd", LearningRate = 1e30 }, Rounds = new RoundSettings { Count = 1 } }, // finite parameters, of which products are not
        };
    }

    // A version's metrics are what anybody finds who measures it again.
    private static async Task AssertMeasuredAsync(TestFederation federation, ModelManifest manifest, string[] splits)
    {
        var services = federation.Cluster.Silos[0].ServiceProvider;
        var model = new ModelReference($"test/{manifest.RunId}", 0, manifest.Version);
        var run = await services.GetRequiredService<RunCache>().GetAsync(model.RunKey, CancellationToken.None);
        Assert.Equal(splits, manifest.Measurements.Select(measured => measured.Split));
        Assert.Empty(manifest.Metrics);
        foreach (var measured in manifest.Measurements)
        {
            var again = await services.GetRequiredService<FederatedEvaluator>().EvaluateAsync(run, model, RunTargets.Cutoffs, measured.Split == "validation");
            Assert.Equal((again.Users, run.Data.Protocol, manifest.DataSha256), (measured.Users, measured.Protocol, measured.DataSha256));
            Assert.Equal(again.Metrics, measured.Metrics);
        }
    }

    private static async Task<string> ReadAsync(TestFederation federation)
    {
        var recommender = federation.Grains.GetGrain<IRecommenderGrain>("test");
        var answer = await recommender.RecommendAsync(new RecommendationQuery((await recommender.ListUsersAsync(0, 1))[0], 5, Explain: false, 0));
        return MessageGraph.Text(await federation.Grains.GetGrain<IModelGrain>("test").GetSummaryAsync()) + MessageGraph.Text(answer);
    }

    private Task<TestFederation> StartAsync(int keep = 20) =>
        TestFederation.StartAsync(1, _states, configure: silo => silo.Services.Configure<ModelOptions>(options => options.Keep = keep));
}
