using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.Clients;

/// <summary>What users do after the data was loaded. The synthetic data has ratings.</summary>
public sealed class HistoryTests
{
    private const string User = "u7";
    private static readonly RunRequest s_ease = TestFederation.Request(rounds: 1) with
    {
        Learner = "ease",
        LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("lambda", "20"),
    };

    [Fact]
    public async Task Record_NewClick_ChangesTheListAtOnceAndAfterARestart()
    {
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        ImmutableArray<RecommendedItem> before, after;
        await using (var federation = await TestFederation.StartAsync(1, states, models))
        {
            await federation.RunAsync(s_ease);
            before = await RecommendAsync(federation);
            await RecordAsync(federation, new(User, HistoryChangeKind.Added, before[0].Item, 5));
            after = await RecommendAsync(federation);
        }

        await using var restarted = await TestFederation.StartAsync(1, states, models);

        Assert.DoesNotContain(before[0].Item, after.Select(item => item.Item));
        Assert.NotEqual(before.Skip(1).Select(item => item.Score), after.Take(before.Length - 1).Select(item => item.Score));
        Assert.Equal(after.Select(item => (item.Item, item.Score)), (await RecommendAsync(restarted)).Select(item => (item.Item, item.Score)));
    }

    [Fact]
    public async Task Run_AddsToAVersionAfterChanges_GivesTheBytesOfTrainingAfresh()
    {
        await using var federation = await TestFederation.StartAsync(3);
        var first = await federation.RunAsync(s_ease);
        await RecordAsync(federation, new(User, HistoryChangeKind.Added, (await RecommendAsync(federation))[0].Item, 4));
        await RecordAsync(federation, new("u3", HistoryChangeKind.Forgotten));

        var updated = await federation.RunAsync(s_ease with { WarmStart = first.Version });
        await RecordAsync(federation, new("u9", HistoryChangeKind.Removed, await OwnItemAsync(federation, "u9")));
        var again = await federation.RunAsync(s_ease with { WarmStart = updated.Version });
        var afresh = await federation.RunAsync(s_ease);

        Assert.NotEqual(first.Sha256, updated.Sha256);
        Assert.NotEqual(updated.Sha256, again.Sha256);
        Assert.Equal(afresh.Sha256, again.Sha256);
    }

    [Fact]
    public async Task Run_UserIsForgotten_ModelIsThatOfDataWithoutTheUser()
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");
        var rows = Enumerable.Range(0, 400).Select(i => (User: $"u{i % 20}", Item: $"i{((i * i) + (i / 7)) % 15}")).Distinct().ToArray();
        await using var federation = await TestFederation.StartAsync(1);
        async Task<RunStatus> RunAsync(string name, long warmStart, Func<(string User, string Item), bool> kept)
        {
            await File.WriteAllLinesAsync(file + name, ["user,item,split", .. rows.Where(kept).Select(row => $"{row.User},{row.Item},train")]);
            return await federation.RunAsync(s_ease with { Federation = name, WarmStart = warmStart }, new DataSpec { Path = file + name });
        }

        var all = await RunAsync("all", 0, _ => true);
        var receipt = await federation.Grains.GetGrain<IHistoryGrain>("all").RecordAsync(new("u19", HistoryChangeKind.Forgotten));
        var forgotten = await RunAsync("all", all.Version, _ => true);
        var without = await RunAsync("without", 0, row => row.User != "u19");

        File.Delete(file + "all");
        File.Delete(file + "without");
        Assert.Equal(HistoryOutcome.Recorded, receipt.Outcome);
        Assert.NotEqual(all.Sha256, forgotten.Sha256);
        Assert.Equal(without.Sha256, forgotten.Sha256);
    }

    [Fact]
    public async Task Run_ChangeWhileItTrains_IsNoPartOfItButOfTheNext()
    {
        var request = TestFederation.Request(rounds: 4);
        await using var undisturbed = await TestFederation.StartAsync(1);
        await undisturbed.RunAsync(request);
        await RecordAsync(undisturbed, new("u3", HistoryChangeKind.Forgotten));
        var expected = await undisturbed.RunAsync(request);
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(request);
        await RecordAsync(federation, new("u3", HistoryChangeKind.Forgotten)); // from here on clients are asked what they remember
        federation.Gate.Before = call => call.Request.GetArgumentCount() > 0 && call.Request.GetArgument(0) is RoundOrder { Round: 3, RunKey: "test/run-2" }
            ? RecordAsync(federation, new(User, HistoryChangeKind.Forgotten)) : Task.CompletedTask;

        var during = await federation.RunAsync(request);
        federation.Gate.Before = _ => Task.CompletedTask;
        var after = await federation.RunAsync(request);

        Assert.Equal(expected.Sha256, during.Sha256);
        Assert.NotEqual(during.Sha256, after.Sha256);
    }

    [Fact]
    public async Task Evaluate_ClientThatRecordedSomething_IsLeftOut()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(s_ease);
        await RecordAsync(federation, new(User, HistoryChangeKind.Forgotten));

        var next = await federation.RunAsync(s_ease);

        Assert.Equal(59, next.Evaluations[^1].Users);
    }

    [Fact]
    public async Task Compare_VersionsBeforeAndAfterAChange_IsOverTheSameUsersBothWays()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var before = await federation.RunAsync(s_ease);
        await RecordAsync(federation, new(User, HistoryChangeKind.Forgotten));
        var after = await federation.RunAsync(s_ease);
        var evaluation = federation.Grains.GetGrain<IEvaluationGrain>("test");

        var there = (await evaluation.CompareAsync(after.Version, new ComparedWith(before.Version), [10]))!;
        var back = (await evaluation.CompareAsync(before.Version, new ComparedWith(after.Version), [10]))!;

        Assert.Equal((59, 59), (there.Users, back.Users)); // the first version did not train on the change, the second did
        Assert.Equal(there.Differences.Select(line => (line.First, line.Second)), back.Differences.Select(line => (line.Second, line.First)));
    }

    [Theory]
    [InlineData("nobody", HistoryChangeKind.Added, "i1", 4.0, HistoryOutcome.UnknownUser)]
    [InlineData(User, HistoryChangeKind.Added, "nothing", 4.0, HistoryOutcome.UnknownItem)]
    [InlineData(User, HistoryChangeKind.Added, "i1", double.NaN, HistoryOutcome.Unfit)]
    public async Task Record_WhatDoesNotFit_IsRefused(string user, HistoryChangeKind kind, string item, double? rating, HistoryOutcome expected)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var history = federation.Grains.GetGrain<IHistoryGrain>("test");
        Assert.Equal(HistoryOutcome.NoRun, (await history.RecordAsync(new(user, HistoryChangeKind.Removed, item))).Outcome); // without a run, what is added begins a federation that keeps it
        await federation.RunAsync(s_ease);

        var receipt = await history.RecordAsync(new(user, kind, item, (float?)rating));

        Assert.Equal(expected, receipt.Outcome);
        Assert.False((await federation.Grains.GetGrain<IFederationGrain>("test").GetSummaryAsync()).HasRecorded);
    }

    [Fact]
    public async Task Record_NoRating_IsTakenInExceptByALearnerThatLearnsFromRatings()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var history = federation.Grains.GetGrain<IHistoryGrain>("test");
        var ratings = TestFederation.Request(rounds: 1);
        ratings = ratings with { LearnerOptions = ratings.LearnerOptions.SetItem("objective", "mse") };
        var undisturbed = await federation.RunAsync(ratings);
        var refused = await history.RecordAsync(new(User, HistoryChangeKind.Added, "i1"));
        await federation.RunAsync(s_ease);

        var recorded = await history.RecordAsync(new(User, HistoryChangeKind.Added, (await RecommendAsync(federation))[0].Item));
        var again = await federation.RunAsync(ratings);

        Assert.Equal(HistoryOutcome.Unfit, refused.Outcome);
        Assert.Contains("mf of the last run learns from ratings; give one", refused.Message, StringComparison.Ordinal);
        Assert.Equal(HistoryOutcome.Recorded, recorded.Outcome);
        Assert.Equal(undisturbed.Sha256, again.Sha256); // and not with a rating of 0
    }

    [Theory]
    [InlineData("30", 0, "from other data or under other options")]
    [InlineData("20", 20, "which counts 40 of 60 clients")]
    public async Task StartRun_VersionThatCannotBeChanged_IsRefused(string lambda, int dropped, string expected)
    {
        await using var federation = await TestFederation.StartAsync(1);
        federation.Gate.Before = call => call.MethodName == "TrainAsync" && call.TargetId.Key.ToString()!.Split('/')[^1] is var client && int.Parse(client, null) < dropped
            ? throw new InvalidOperationException("out of battery") : Task.CompletedTask;
        var first = await federation.RunAsync(s_ease);

        var receipt = await federation.StartRunAsync(s_ease with { WarmStart = first.Version, LearnerOptions = s_ease.LearnerOptions.SetItem("lambda", lambda) });

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains(expected, receipt.Message, StringComparison.Ordinal);
    }

    private static async Task<ImmutableArray<RecommendedItem>> RecommendAsync(TestFederation federation) =>
        (await federation.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery(User, 10, false, 0))).Items;

    private static async Task<string> OwnItemAsync(TestFederation federation, string user)
    {
        var answer = await federation.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery(user, 50, false, 0));
        return Enumerable.Range(1, 50).Select(i => $"i{i}").Except(answer.Items.Select(item => item.Item)).First();
    }

    private static async Task RecordAsync(TestFederation federation, HistoryChange change)
    {
        var receipt = await federation.Grains.GetGrain<IHistoryGrain>("test").RecordAsync(change);
        Assert.True(receipt.Outcome == HistoryOutcome.Recorded, receipt.Message);
    }
}
