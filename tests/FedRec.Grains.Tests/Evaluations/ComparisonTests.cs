using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Grains.Tests.Messages;

namespace FedRec.Grains.Tests.Evaluations;

public sealed class ComparisonTests
{
    [Fact]
    public async Task Compare_OnOneSiloAndOnThree_GivesTheSameNumbers()
    {
        var one = await CompareAsync(silos: 1, parties: 0);
        var three = await CompareAsync(silos: 3, parties: 0);
        var organisations = await CompareAsync(silos: 2, parties: 4);

        Assert.Equal<MetricDifference>(Lines(one.Versions), Lines(three.Versions));
        Assert.Equal<MetricDifference>(Lines(one.Baseline), Lines(three.Baseline));
        Assert.Equal((60, 1_000), (three.Versions.Users, three.Versions.Replicates));
        Assert.Equal(Lines(organisations.Baseline).Select(l => l.Second), Lines(one.Baseline).Select(l => l.Second)); // the same users, dealt otherwise
    }

    [Fact]
    public async Task Compare_TwoVersions_HasTheMetricsOfBothAndMirrorsTheOtherWayRound()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        await federation.RunAsync(TestFederation.Request(rounds: 1) with { Seed = 2 });
        var evaluation = federation.Grains.GetGrain<IEvaluationGrain>("test");

        var there = (await evaluation.CompareAsync(2, new ComparedWith(1), [5, 10]))!;
        var back = (await evaluation.CompareAsync(1, new ComparedWith(2), [5, 10]))!;
        var itself = (await evaluation.CompareAsync(2, new ComparedWith(2), [5, 10]))!;

        var (first, second) = ((await evaluation.EvaluateAsync(2, [5, 10]))!, (await evaluation.EvaluateAsync(1, [5, 10]))!);
        Assert.Equal(("version 2", "version 1"), (there.First, there.Second));
        Assert.Equal(["hr@5", "hr@10", "ndcg@5", "ndcg@10"], there.Differences.Select(d => d.Metric));
        Assert.All(there.Differences, d => Assert.Equal((first.Metrics[d.Metric], second.Metrics[d.Metric]), (d.First, d.Second)));
        Assert.Equal(there.Differences.Select(d => (-d.High, -d.Low)), back.Differences.Select(d => (d.Low, d.High)));
        Assert.All(itself.Differences, d => Assert.Equal((0, 0, 0, false), (d.Difference, d.Low, d.High, d.ExcludesZero)));
    }

    [Fact]
    public async Task Compare_OnThreeSilos_SendsKnownMessagesOnly()
    {
        await using var federation = await TestFederation.StartAsync(3);
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        await federation.RunAsync(TestFederation.Request(rounds: 1) with { Seed = 2 });
        var calls = new CapturedCalls();
        calls.Watch(federation.Gate);

        await federation.Grains.GetGrain<IEvaluationGrain>("test").CompareAsync(2, new ComparedWith(1), [10]);

        Assert.Contains(calls.Calls, call => call.EndsWith("TakeEvaluationAsync", StringComparison.Ordinal));
        Assert.Empty(calls.Messages.SelectMany(sent => MessageTypes.UnknownIn(sent.Message).Select(type => $"{sent.Call}: {type}")).Distinct());
    }

    [Fact]
    public async Task Compare_WithWhatIsNotThere_IsNullOrSaysWhy()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        await federation.RunAsync(TestFederation.Request(rounds: 1), TestFederation.Data with { SyntheticSeed = 9 });
        var evaluation = federation.Grains.GetGrain<IEvaluationGrain>("test");

        Assert.Null(await evaluation.CompareAsync(1, new ComparedWith(77), [10]));
        Assert.Null(await evaluation.CompareAsync(77, new ComparedWith(1), [10]));
        Assert.Contains("other data", (await Assert.ThrowsAsync<ArgumentException>(() => evaluation.CompareAsync(1, new ComparedWith(2), [10]))).Message, StringComparison.Ordinal);
        Assert.Contains("no baseline 'magic'", (await Assert.ThrowsAsync<ArgumentException>(() => evaluation.CompareAsync(1, new ComparedWith(0, "magic"), [10]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EvaluateSampled_OfAVersionAndABaseline_AddsTheSampledMetrics()
    {
        await using var federation = await TestFederation.StartAsync(2);
        var status = await federation.RunAsync(TestFederation.Request(rounds: 1));
        var evaluation = federation.Grains.GetGrain<IEvaluationGrain>("test");

        var (plain, sampled) = ((await evaluation.EvaluateAsync(1, [10]))!, (await evaluation.EvaluateSampledAsync(1, [10]))!);
        var baseline = await evaluation.EvaluateBaselineSampledAsync(status.RunId, "popularity", [10]);

        Assert.Equal(["hr@10/sampled99", "ndcg@10/sampled99"], sampled.Metrics.Keys.Except(plain.Metrics.Keys));
        Assert.Equal(plain.Metrics, sampled.Metrics.RemoveRange(["hr@10/sampled99", "ndcg@10/sampled99"]));
        Assert.Equal(plain.Metrics["hr@10"], sampled.Metrics["hr@10/sampled99"], 9); // 50 items: all that are left are drawn
        Assert.Contains("ndcg@10/sampled99", baseline.Metrics.Keys);
    }

    private static async Task<(ComparisonRecord Versions, ComparisonRecord Baseline)> CompareAsync(short silos, int parties)
    {
        await using var federation = await TestFederation.StartAsync(silos);
        var request = TestFederation.Request(rounds: 1);
        await federation.RunAsync(request, TestFederation.Data with { Parties = parties });
        await federation.RunAsync(request with { Seed = 2 });
        var evaluation = federation.Grains.GetGrain<IEvaluationGrain>("test");
        return ((await evaluation.CompareAsync(2, new ComparedWith(1), [5, 10]))!, (await evaluation.CompareAsync(2, new ComparedWith(0, "ials"), [5, 10]))!);
    }

    private static ImmutableArray<MetricDifference> Lines(ComparisonRecord record) => record.Differences;
}
