using FedRec.Contracts.Clients;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Learners;
using FedRec.Core.Snapshots;
using FedRec.Grains.Evaluations;
using FedRec.Grains.Models;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FedRec.Grains.Tests.Evaluations;

public class EvaluationGrainTests
{
    [Theory]
    [InlineData(1, 0, "leave-last-out")]
    [InlineData(3, 0, "leave-last-out")]
    [InlineData(2, 4, "leave-last-out")]
    [InlineData(3, 0, "temporal")]
    [InlineData(1, 4, "temporal")]
    [InlineData(3, 0, "leave-last-out", 0)]
    [InlineData(3, 0, "temporal", 0)]
    [InlineData(3, 0, "leave-last-out", 1)] // one of the three silos has added its share when another one fails
    public async Task Evaluate_ByTheClients_GivesWhatOnePlaceWithAllDataWouldMeasure(short silos, int parties, string split, int? batches = null)
    {
        var models = new MemoryModelStore();
        await using var federation = await TestFederation.StartAsync(silos, models: models);
        var status = await federation.RunAsync(
            TestFederation.Request(rounds: 2), TestFederation.Data with { Parties = parties, Split = split, TestShare = split == "temporal" ? 0.3 : 0.1 });

        RefuseBatches(federation, batches);

        var record = await federation.Grains.GetGrain<IEvaluationGrain>("test").EvaluateAsync(1, [1, 10]);

        var expected = await CentralAsync(federation, status, models);
        Assert.NotNull(record);
        Assert.Equal(("mf", 2, expected.Users), (record.Name, record.Round, record.Users));
        Assert.Equal(split != "temporal", record.Users == 60);
        Assert.Equal(expected.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal), record.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal));
        Assert.Equal(expected.Quantiles.OrderBy(metric => metric.Key, StringComparer.Ordinal), record.Quantiles.OrderBy(metric => metric.Key, StringComparer.Ordinal));
        Assert.Equal(expected.Groups.Select(g => (g.From, g.To, g.Count, g.Cutoff, g.HitRate, g.Ndcg)), record.Groups.Select(g => (g.From, g.To, g.Count, g.Cutoff, g.HitRate, g.Ndcg)));
        Assert.All(["activity", "tenure", "cold-start", "popularity"], kind => Assert.Equal(record.Users, record.Groups.Where(g => g.Kind == kind).Sum(g => g.Count)));
        Assert.Equal(split == "temporal", record.Groups.Any(g => g.Kind == "new-users"));
        Assert.Contains("diversity@10", record.Metrics.Keys); // the synthetic catalogue has tags
    }

    [Fact]
    public async Task Evaluate_AVersionThatDoesNotExist_IsNull()
    {
        await using var federation = await TestFederation.StartAsync(1);

        Assert.Null(await federation.Grains.GetGrain<IEvaluationGrain>("test").EvaluateAsync(1, [10]));
    }

    [Fact]
    public async Task Evaluate_AClientAskedTwice_IsCountedOnce()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var status = await federation.RunAsync(TestFederation.Request(rounds: 1));
        var order = new EvaluateOrder(Guid.NewGuid(), new ModelReference($"test/{status.RunId}", 0, 1), [10], OnValidation: false);
        var client = federation.Grains.GetGrain<IClientGrain>("test/7");

        await client.EvaluateAsync(order);
        await client.EvaluateAsync(order);

        var sums = federation.Cluster.Silos[0].ServiceProvider.GetRequiredService<LocalEvaluations>().Take(order.Evaluation);
        var run = await federation.Cluster.Silos[0].ServiceProvider.GetRequiredService<RunCache>().GetAsync(order.Model.RunKey, CancellationToken.None);
        var total = new EvaluationPlan(order, run).NewMetrics();
        total.Add(sums!);
        Assert.Equal(1, total.Finish().Users);
    }

    [Fact]
    public async Task Evaluate_ManyClientsThatFail_WarnsOnceAndCountsTheOthers()
    {
        var log = new WarningCount("FedRec.Grains.Evaluations");
        await using var federation = await TestFederation.StartAsync(1, configure: silo => silo.Services.AddSingleton<ILoggerProvider>(log));
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        federation.Gate.Before = call => call is { Grain: IClientGrain client, MethodName: nameof(IClientGrain.EvaluateAsync) }
            && !client.GetPrimaryKeyString().EndsWith('7') || IsBatch(call) ? throw new OrleansException("The client is lost.") : Task.CompletedTask;

        var record = await federation.Grains.GetGrain<IEvaluationGrain>("test").EvaluateAsync(1, [10]);

        Assert.Equal((6, 2), (record!.Users, log.Count)); // 7, 17, …, 57 of 60; a warning of the batch and one of the clients
    }

    [Fact]
    public async Task Evaluate_ASimulation_AsksNoClient()
    {
        await using var federation = await TestFederation.StartAsync(2);
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        var (clients, batches) = (0, 0);
        federation.Gate.Before = call =>
        {
            _ = call.Grain is IClientGrain ? Interlocked.Increment(ref clients) : 0;
            _ = IsBatch(call) ? Interlocked.Increment(ref batches) : 0;
            return Task.CompletedTask;
        };

        var record = await federation.Grains.GetGrain<IEvaluationGrain>("test").EvaluateAsync(1, [10]);

        Assert.Equal((60, 0, 2), (record!.Users, clients, batches));
    }

    private static bool IsBatch(IIncomingGrainCallContext call) => call is { InterfaceMethod.DeclaringType.Name: "ILocalAggregator", MethodName: "EvaluateAsync" };

    // As a silo of an earlier release does, which has no such method.
    private static void RefuseBatches(TestFederation federation, int? after)
    {
        var asked = 0;
        federation.Gate.Before = call => IsBatch(call) && Interlocked.Increment(ref asked) > after ? throw new NotSupportedException("There is no such method.") : Task.CompletedTask;
    }

    private static async Task<EvaluationSummary> CentralAsync(TestFederation federation, RunStatus status, MemoryModelStore models)
    {
        var run = await federation.Cluster.Silos[0].ServiceProvider.GetRequiredService<RunCache>().GetAsync($"test/{status.RunId}", CancellationToken.None);
        var manifest = (await federation.Grains.GetGrain<IModelGrain>("test").GetManifestAsync(1))!;
        var file = await models.LoadContentAsync("test", ModelFiles.Tensors, 1, manifest.Sha256);
        var model = run.Learner.Prepare(Safetensors.Read(file).Values);
        return RankingEvaluator.EvaluateAll(() => new LearnerScorer(run.Learner.CreateWorker(), model), EvaluationSplit.Test(run.Simulated!.Dataset), [1, 10], threads: 1);
    }
}
