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

        Assert.Equal((CommitOutcome.Committed, 2L, true), (first.Outcome, first.NextVersion, first.Promotion!.Promoted));
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

        Assert.Equal((CommitOutcome.Committed, 3L), (repeated.Outcome, repeated.NextVersion));
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
        Assert.Equal((CommitOutcome.Committed, 3L), (repeated.Outcome, repeated.NextVersion));
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
    public async Task Commit_BeyondRetention_KeepsWhatIsPinnedUntilItIsUnpinned()
    {
        await using var federation = await StartAsync(keep: 1);
        var model = Model(federation);
        await model.CommitAsync(Commit(1, "a"));
        await model.CommitAsync(Commit(2, "b"));
        var unknown = await model.PinAsync(9, pinned: true);
        var pinned = await model.PinAsync(1, pinned: true);

        await model.CommitAsync(Commit(3, "c"));
        await model.CommitAsync(Commit(4, "d"));
        var kept = (await model.GetSummaryAsync()).Versions;
        await model.PinAsync(1, pinned: false);
        await model.CommitAsync(Commit(5, "e"));

        Assert.Equal((false, true), (unknown, pinned));
        Assert.Equal([(1L, true), (3L, false), (4L, false)], kept.Select(line => (line.Version, line.Pinned)));
        Assert.Equal([4L, 5L], (await model.GetSummaryAsync()).Versions.Select(line => line.Version));
    }

    [Fact]
    public async Task Commit_OfAVersionThatIsWorse_KeepsTheOldOneInUseAndSaysWhy()
    {
        await using var federation = await StartAsync();
        var model = Model(federation);
        await model.CommitAsync(PromotionTests.Measured(1, 0.08));

        var receipt = await model.CommitAsync(PromotionTests.Measured(2, 0.07));
        var summary = await model.GetSummaryAsync();

        Assert.Equal((false, 1L), (receipt.Promotion!.Promoted, receipt.Promotion.Before));
        Assert.Equal("its validation NDCG@10 is 0.0700, and that of version 1, which stays in use, 0.0800", receipt.Promotion.Reason);
        Assert.Equal((1L, receipt.Promotion), (summary.Serving, summary.Versions[^1].Promotion));
    }

    [Fact]
    public async Task Commit_ALittleWorseAgainAndAgain_IsHeldToTheBestUntilSomebodyChooses()
    {
        await using var federation = await StartAsync(keep: 1);
        var model = Model(federation);
        await model.CommitAsync(PromotionTests.Measured(1, 0.08));
        await model.CommitAsync(PromotionTests.Measured(2, 0.076));

        await model.CommitAsync(PromotionTests.Measured(3, 0.072));
        var held = (await model.GetSummaryAsync()).Serving;
        await model.PromoteAsync(2);
        await model.CommitAsync(PromotionTests.Measured(4, 0.072));

        Assert.Equal((2L, 4L), (held, (await model.GetSummaryAsync()).Serving));
    }

    [Fact]
    public async Task ReadContent_InParts_HoldsTheContentOnlyUntilTheLastPart()
    {
        await using var federation = await StartAsync();
        var model = Model(federation);
        var content = new byte[] { 1, 2, 3, 4, 5 };
        await _store.SaveContentAsync("test", ModelFiles.Tensors, 1, Safetensors.Sha256(content), content);
        var commit = Commit(1, "a");
        await model.CommitAsync(commit with { Manifest = commit.Manifest with { Sha256 = Safetensors.Sha256(content) } });

        var first = await model.ReadContentAsync(1, 0, 2);
        var second = await model.ReadContentAsync(1, 2, 2);
        var afterTwo = _store.Loads;
        var last = await model.ReadContentAsync(1, 4, 2);
        await model.ReadContentAsync(1, 0, 5);
        await model.ReadContentAsync(1, 0, 5);

        byte[] read = [.. first!.Bytes.ToArray(), .. second!.Bytes.ToArray(), .. last!.Bytes.ToArray()];
        Assert.Equal(content, read);
        Assert.Equal((1, 3), (afterTwo, _store.Loads)); // read whole, nothing is held
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
        promote ? PromotionPolicy.Always : PromotionPolicy.Never);

    private static string Sha(string content) => Safetensors.Sha256(System.Text.Encoding.UTF8.GetBytes(content));

    private static IModelGrain Model(TestFederation federation) => federation.Grains.GetGrain<IModelGrain>("test");

    private Task<TestFederation> StartAsync(int keep = 20) => TestFederation.StartAsync(1, _states, configure: silo =>
    {
        silo.Services.AddSingleton<IModelStore>(_store);
        silo.Services.Configure<ModelOptions>(options => options.Keep = keep);
    });
}
