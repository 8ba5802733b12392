using FedRec.Contracts.Models;
using FedRec.Core.Snapshots;
using FedRec.Grains.Models;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Models;

/// <summary>The pointer to a model's versions: commits, promotion, retention, and what a lost write leaves behind.</summary>
public class ModelGrainTests
{
    private readonly SurvivingStorage _states = new();
    private readonly WatchedModelStore _store = new();

    [Fact]
    public async Task Commit_Repeated_AnswersTheSameAndWritesNothing()
    {
        await using var federation = await StartAsync();
        var model = Model(federation);

        var first = await model.CommitAsync(Commit(1, "a"));
        var writes = _states.Writes.Count;
        var second = await model.CommitAsync(Commit(1, "a"));

        Assert.Equal(new CommitReceipt(CommitOutcome.Committed, 2), first);
        Assert.Equal(first, second);
        Assert.Equal(writes, _states.Writes.Count);
        Assert.Single((await model.GetSummaryAsync()).Versions);
    }

    [Fact]
    public async Task Commit_RepeatedAfterALaterOne_LeavesTheLaterOneInUse()
    {
        await using var federation = await StartAsync();
        var model = Model(federation);
        await model.CommitAsync(Commit(1, "a"));
        await model.CommitAsync(Commit(2, "b"));

        var repeated = await model.CommitAsync(Commit(1, "a"));

        Assert.Equal(new CommitReceipt(CommitOutcome.Committed, 3), repeated);
        Assert.Equal(2, (await model.GetSummaryAsync()).Serving);
    }

    [Fact]
    public async Task Commit_OfANumberThatAnotherVersionHas_IsAConflictAndChangesNothing()
    {
        await using var federation = await StartAsync();
        var model = Model(federation);
        await model.CommitAsync(Commit(1, "a"));

        var receipt = await model.CommitAsync(Commit(1, "b"));

        Assert.Equal(new CommitReceipt(CommitOutcome.Conflict, 2), receipt);
        Assert.Equal(Sha("a"), (await model.GetManifestAsync(1))!.Sha256);
    }

    [Fact]
    public async Task Commit_OfANumberWhoseManifestSomebodyElseHasStored_IsAConflictAndTheNumberIsTakenForGood()
    {
        await using var federation = await StartAsync();
        var model = Model(federation);
        await model.CommitAsync(Commit(1, "a"));
        await _store.SaveManifestAsync("test", 2, ModelFiles.WriteManifest(Commit(2, "theirs").Manifest)); // behind the grain's back

        var receipt = await model.CommitAsync(Commit(2, "ours"));
        var summary = await model.GetSummaryAsync();

        Assert.Equal(new CommitReceipt(CommitOutcome.Conflict, 3), receipt);
        Assert.Equal((2L, 1L), (summary.Latest, summary.Serving));
        Assert.Equal(3, await model.GetNextVersionAsync());
    }

    [Theory]
    [InlineData("manifest refused")]
    [InlineData("manifest answer lost")]
    [InlineData("pointer refused")]
    public async Task Commit_ThatFailsOnTheWay_LeavesTheOldVersionInUseAndSucceedsWhenRepeated(string how)
    {
        await using var federation = await StartAsync();
        var model = Model(federation);
        await model.CommitAsync(Commit(1, "a"));
        (_store.FailCalls, _store.LoseAnswers, _states.FailWritesOf) = how switch
        {
            "manifest refused" => ("manifest", null, null),
            "manifest answer lost" => (null, "manifest", null),
            _ => ((string?)null, (string?)null, "model"),
        };

        await Assert.ThrowsAnyAsync<Exception>(() => model.CommitAsync(Commit(2, "b")));
        var between = await model.GetSummaryAsync();
        (_store.FailCalls, _store.LoseAnswers, _states.FailWritesOf) = (null, null, null);
        var repeated = await model.CommitAsync(Commit(2, "b"));
        var summary = await model.GetSummaryAsync();

        Assert.Equal(1, between.Serving);
        Assert.Equal(new CommitReceipt(CommitOutcome.Committed, 3), repeated);
        Assert.Equal((2L, 2L), (summary.Latest, summary.Serving));
        Assert.Equal([1L, 2L], summary.Versions.Select(line => line.Version));
    }

    [Fact]
    public async Task Activate_WithAPointerBehindTheManifests_BringsItForwardAndUsesNoNumberTwice()
    {
        await _store.SaveManifestAsync("test", 1, ModelFiles.WriteManifest(Commit(1, "a").Manifest));
        await _store.SaveManifestAsync("test", 3, ModelFiles.WriteManifest(Commit(3, "c").Manifest)); // 2 was retired
        await using var federation = await StartAsync();
        var model = Model(federation);

        var summary = await model.GetSummaryAsync();

        Assert.Equal((3L, 0L), (summary.Latest, summary.Serving));
        Assert.Equal([1L, 3L], summary.Versions.Select(line => line.Version));
        Assert.Equal(4, await model.GetNextVersionAsync());
        Assert.True(await model.PromoteAsync(3));
    }

    [Fact]
    public async Task Promote_UnknownVersion_IsFalseAndChangesNothing()
    {
        await using var federation = await StartAsync();
        var model = Model(federation);
        await model.CommitAsync(Commit(1, "a"));

        Assert.False(await model.PromoteAsync(2));
        Assert.False(await model.PromoteAsync(0));
        Assert.Equal(1, (await model.GetSummaryAsync()).Serving);
    }

    [Fact]
    public async Task Rollback_AfterAPromotion_GoesBackUntilThereIsNothingToGoBackTo()
    {
        await using var federation = await StartAsync();
        var model = Model(federation);
        await model.CommitAsync(Commit(1, "a"));
        await model.CommitAsync(Commit(2, "b"));
        await model.PromoteAsync(1);

        Assert.Equal(2, await model.RollbackAsync());
        Assert.Equal(1, await model.RollbackAsync());
        Assert.Null(await model.RollbackAsync());
        Assert.Equal(1, (await model.GetSummaryAsync()).Serving);
    }

    [Fact]
    public async Task Promote_WhenThePointerCannotBeWritten_FailsAndTheOldVersionStaysInUse()
    {
        await using var federation = await StartAsync();
        var model = Model(federation);
        await model.CommitAsync(Commit(1, "a"));
        await model.CommitAsync(Commit(2, "b"));
        _states.FailWritesOf = "model";

        await Assert.ThrowsAnyAsync<Exception>(() => model.PromoteAsync(1));
        await Assert.ThrowsAnyAsync<Exception>(() => model.RollbackAsync());
        _states.FailWritesOf = null;

        Assert.Equal(2, (await model.GetSummaryAsync()).Serving);
    }

    [Fact]
    public async Task Commit_BeyondRetention_KeepsTheVersionInUseAndTheOneToGoBackTo()
    {
        await using var federation = await StartAsync(keep: 2);
        var model = Model(federation);
        await model.CommitAsync(Commit(1, "a"));
        await model.CommitAsync(Commit(2, "b"));
        for (var version = 3; version <= 6; version++)
        {
            await model.CommitAsync(Commit(version, "more", promote: false));
        }

        Assert.Equal([1L, 2L, 5L, 6L], (await model.GetSummaryAsync()).Versions.Select(line => line.Version));
        Assert.Null(await model.GetManifestAsync(3));
        Assert.Null(await _store.LoadManifestAsync("test", 4));
        Assert.Equal(1, await model.RollbackAsync());
    }

    [Fact]
    public async Task Commit_BeyondRetention_DeletesOnlyAfterThePointerIsWritten()
    {
        await using var federation = await StartAsync(keep: 1);
        var model = Model(federation);
        await model.CommitAsync(Commit(1, "a"));
        await model.CommitAsync(Commit(2, "b"));
        _states.OnWrite = state => _store.Calls.Enqueue($"pointer:{state}");
        _states.FailWritesOf = "model";

        await Assert.ThrowsAnyAsync<Exception>(() => model.CommitAsync(Commit(3, "c")));
        var beforeThePointer = _store.Calls.Count(call => call.StartsWith("delete", StringComparison.Ordinal));
        _states.FailWritesOf = null;
        await model.CommitAsync(Commit(3, "c"));
        await model.CommitAsync(Commit(4, "d"));

        Assert.Equal(0, beforeThePointer);
        Assert.Equal(["manifest:4", "pointer:model", "delete:2"], _store.Calls.TakeLast(3));
    }

    internal static ModelCommit Commit(long version, string content, bool promote = true) => new(
        new ModelManifest
        {
            Federation = "test",
            Version = version,
            Learner = "mf",
            RunId = "run-1",
            Round = (int)version,
            Sha256 = Sha(content),
            ConfigSha256 = Sha("config"),
            CreatedAt = DateTimeOffset.UnixEpoch,
        },
        promote);

    private static string Sha(string content) => Safetensors.Sha256(System.Text.Encoding.UTF8.GetBytes(content));

    private static IModelGrain Model(TestFederation federation) => federation.Grains.GetGrain<IModelGrain>("test");

    private Task<TestFederation> StartAsync(int keep = 20) => TestFederation.StartAsync(1, _states, configure: silo =>
    {
        silo.Services.AddSingleton<IModelStore>(_store);
        silo.Services.Configure<ModelOptions>(options => options.Keep = keep);
    });
}
