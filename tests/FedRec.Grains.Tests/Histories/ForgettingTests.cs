using System.Collections.Immutable;
using System.Text;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;

namespace FedRec.Grains.Tests.Histories;

/// <summary>A forgotten user is out: nothing that was recorded is stored any more, and nobody is shown the user.</summary>
public sealed class ForgettingTests : IDisposable
{
    private const string User = "somebody-17";
    private const string Recorded = "rare-item-4711";
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");
    private readonly SurvivingStorage _states = new();

    public ForgettingTests() => File.WriteAllLines(_file, ["user,item,split", $"nobody,{Recorded},train", .. Enumerable.Range(0, 300)
        .Select(i => $"{(i % 20 == 17 ? User : $"u{i % 20}")},i{((i * i) + (i / 7)) % 15},train").Distinct()]);

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Forget_AUserWhoRecordedThings_LeavesNothingButTheHashedFact()
    {
        await using var federation = await TestFederation.StartAsync(1, _states);
        await federation.RunAsync(s_request, Data);
        await OwnHistoryTests.RecordAsync(federation, "test", new(User, HistoryChangeKind.Added, Recorded));
        await OwnHistoryTests.RecordAsync(federation, "test", new("u3", HistoryChangeKind.Added, "i9"));
        var before = _states.Stored.Where(record => record.Key.StartsWith("user-", StringComparison.Ordinal)).ToDictionary();
        Assert.Equal(2, before.Count);
        Assert.DoesNotContain(before.Values, bytes => Holds(bytes, Recorded) || Holds(bytes, "i9")); // sealed: overwritten bytes may stay on a disk for long

        var receipt = await federation.Grains.GetGrain<IHistoryGrain>("test").RecordAsync(new(User, HistoryChangeKind.Forgotten));

        Assert.DoesNotContain(_states.Stored, record => Holds(record.Value, Recorded) || Holds(record.Value, User) || record.Key.Contains(User, StringComparison.Ordinal));
        var after = _states.Stored.Where(record => record.Key.StartsWith("user-", StringComparison.Ordinal)).ToDictionary();
        var own = Assert.Single(after, record => !record.Value.AsSpan().SequenceEqual(before[record.Key])); // and nothing of anybody else is lost
        Assert.True(own.Value.Length < before[own.Key].Length - Recorded.Length);
        Assert.Equal(4, receipt.Remaining.Length);
        Assert.Contains("version 1", receipt.Remaining[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Forget_AUser_IsOutOfListsAndRecommendationsNowAndAfterARestart()
    {
        var models = new Core.Snapshots.MemoryModelStore();
        await using (var federation = await TestFederation.StartAsync(2, _states, models))
        {
            await federation.RunAsync(s_request, Data);
            Assert.Contains(User, await ListAsync(federation));

            await OwnHistoryTests.RecordAsync(federation, "test", new(User, HistoryChangeKind.Forgotten));

            await AssertOutAsync(federation);
        }

        await using var restarted = await TestFederation.StartAsync(1, _states, models);

        await AssertOutAsync(restarted);
        Assert.Equal(HistoryOutcome.UserForgotten, (await restarted.Grains.GetGrain<IHistoryGrain>("test").RecordAsync(new(User, HistoryChangeKind.Added, "i1"))).Outcome);
        Assert.Equal(HistoryOutcome.Recorded, (await restarted.Grains.GetGrain<IHistoryGrain>("test").RecordAsync(new(User, HistoryChangeKind.Forgotten))).Outcome); // may be repeated
    }

    [Fact]
    public async Task StartRun_VersionThatCountsWhatWasErased_IsRefusedAndTrainingAfreshIsNot()
    {
        await using var federation = await TestFederation.StartAsync(1, _states);
        var first = await federation.RunAsync(s_request, Data);
        await OwnHistoryTests.RecordAsync(federation, "test", new(User, HistoryChangeKind.Added, Recorded));
        var counted = await federation.RunAsync(s_request with { WarmStart = first.Version });
        await OwnHistoryTests.RecordAsync(federation, "test", new(User, HistoryChangeKind.Forgotten));

        var unlearned = await federation.RunAsync(s_request with { WarmStart = first.Version }); // made before anything was recorded
        var afresh = await federation.RunAsync(s_request, Data);
        var refused = await federation.StartRunAsync(s_request with { WarmStart = counted.Version });

        Assert.Equal(RunOutcome.Invalid, refused.Outcome);
        Assert.Contains("counts what a forgotten user had done", refused.Message, StringComparison.Ordinal);
        Assert.Equal(afresh.Sha256, unlearned.Sha256);
        Assert.NotEqual(first.Sha256, afresh.Sha256);
    }

    private static async Task AssertOutAsync(TestFederation federation)
    {
        Assert.DoesNotContain(User, await ListAsync(federation));
        Assert.Equal(20, (await ListAsync(federation)).Length);
        Assert.Empty(await federation.Grains.GetGrain<IRecommenderGrain>("test").FindUsersAsync(User, 10));
        var answer = await OwnHistoryTests.AskAsync(federation, "test", User);
        Assert.Equal((RecommendationOutcome.UserForgotten, true), (answer.Outcome, answer.Items.IsEmpty));
    }

    private static async Task<ImmutableArray<string>> ListAsync(TestFederation federation) => await federation.Grains.GetGrain<IRecommenderGrain>("test").ListUsersAsync(0, 100);

    private static bool Holds(byte[] bytes, string text) => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0 || bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(text)) >= 0;

    private DataSpec Data => new() { Path = _file };

    private static readonly RunRequest s_request = TestFederation.Request(rounds: 1) with
    {
        Learner = "ease",
        LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("lambda", "20"),
    };
}
