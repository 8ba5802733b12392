using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Models;

/// <summary>How a run publishes: content, then manifest, then pointer; and what is served when one of the writes fails.</summary>
public class PublicationTests
{
    private readonly SurvivingStorage _states = new();
    private readonly WatchedModelStore _store = new();

    [Fact]
    public async Task Publish_WritesContentThenManifestThenPointer()
    {
        await using var federation = await StartAsync();
        _states.OnWrite = state => _store.Calls.Enqueue($"pointer:{state}");

        await federation.RunAsync(TestFederation.Request(rounds: 1));

        Assert.Equal(
            ["content:tensors.safetensors:1", "content:catalogue.json:1", "manifest:1", "pointer:model"],
            _store.Calls.Where(call => !call.StartsWith("pointer", StringComparison.Ordinal) || call == "pointer:model"));
    }

    [Theory]
    [InlineData("content:tensors.safetensors:2")]
    [InlineData("content:catalogue.json:2")]
    [InlineData("manifest:2")]
    [InlineData("pointer")]
    public async Task Publish_ThatFailsAtAStep_ServesTheOldVersionAndThenTheNewOne(string step)
    {
        var expected = await UndisturbedAsync();
        await using var federation = await StartAsync();
        await federation.RunAsync(TestFederation.Request(rounds: 2) with { Seed = 2 });
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _store.OnFailure = _states.OnFailure = () => failed.TrySetResult();
        _store.FailCalls = step;
        federation.Gate.Before = call =>
        {
            var second = call.Grain is IModelGrain && call.MethodName == nameof(IModelGrain.CommitAsync) && ((ModelCommit)call.Request.GetArgument(0)!).Manifest.Version == 2;
            _states.FailWritesOf = step == "pointer" && second && !failed.Task.IsCompleted ? "model" : _states.FailWritesOf;
            return Task.CompletedTask;
        };

        var running = federation.RunAsync(TestFederation.Request(rounds: 2));
        await failed.Task;
        var during = await RecommendAsync(federation);
        (_store.FailCalls, _states.FailWritesOf) = (null, null);
        var status = await running;
        var summary = await federation.Grains.GetGrain<IModelGrain>("test").GetSummaryAsync();

        Assert.Equal((RecommendationOutcome.Found, 1L), (during.Outcome, during.Version));
        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.Equal((2L, 2L), (summary.Latest, summary.Serving));
    }

    [Fact]
    public async Task Recommend_WhileTheVersionInUseIsDamaged_IsFromTheOneBefore_AndItByItsNumberFailsClearly()
    {
        await using (var trained = await StartAsync())
        {
            await trained.RunAsync(TestFederation.Request(rounds: 1));
            await trained.RunAsync(TestFederation.Request(rounds: 2));
        }

        await using var federation = await StartAsync(); // a silo that has nothing in memory
        _store.DamagedVersion = 2;

        var before = await RecommendAsync(federation, version: 1);
        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => RecommendAsync(federation, version: 2));
        var served = await RecommendAsync(federation);
        var again = await RecommendAsync(federation); // it is known by now
        var after = await RecommendAsync(federation, version: 1);
        _store.DamagedVersion = 0;
        var repaired = await RecommendAsync(federation, version: 2);

        Assert.StartsWith("tensors.safetensors of version 2 is damaged", failure.Message, StringComparison.Ordinal);
        Assert.Equal((1L, 1L), (served.Version, again.Version));
        Assert.Equal(before.Items.Select(item => (item.Item, item.Score)), served.Items.Select(item => (item.Item, item.Score)));
        Assert.Equal(before.Items.Select(item => (item.Item, item.Score)), after.Items.Select(item => (item.Item, item.Score)));
        Assert.All(repaired.Items, item => Assert.True(float.IsFinite(item.Score)));
    }

    [Fact]
    public async Task Recommend_AfterTheLoadedVersionWasDamaged_GoesOnFromMemory()
    {
        await using var federation = await StartAsync();
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        var before = await RecommendAsync(federation);

        _store.DamagedVersion = 1;
        var after = await RecommendAsync(federation);

        Assert.Equal(before.Items.Select(item => (item.Item, item.Score)), after.Items.Select(item => (item.Item, item.Score)));
    }

    private static async Task<RecommendationAnswer> RecommendAsync(TestFederation federation, long version = 0)
    {
        var recommender = federation.Grains.GetGrain<IRecommenderGrain>("test");
        var user = Assert.Single(await recommender.ListUsersAsync(0, 1));
        return await recommender.RecommendAsync(new RecommendationQuery(user, 5, Explain: false, version));
    }

    private static async Task<RunStatus> UndisturbedAsync()
    {
        await using var federation = await TestFederation.StartAsync(1);
        return await federation.RunAsync(TestFederation.Request(rounds: 2));
    }

    private Task<TestFederation> StartAsync() =>
        TestFederation.StartAsync(1, _states, configure: silo => silo.Services.AddSingleton<IModelStore>(_store));
}
