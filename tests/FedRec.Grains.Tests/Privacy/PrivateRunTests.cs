using System.Collections.Immutable;
using FedRec.Contracts.Models;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Runs;
using FedRec.Core.Randomness;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.Privacy;

/// <summary>A private run charges each release before it uses it, tells nothing that no noise hides, and ends when its privacy is spent.</summary>
public sealed class PrivateRunTests
{
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Fact]
    public async Task Run_WithPrivacy_ChargesEachRelease_AndItsVersionSaysWhatWasSpent()
    {
        await using var federation = await StartAsync();

        var status = await federation.RunAsync(PrivateFederation.Request());

        var (ledger, manifest) = (await federation.LedgerAsync(), await ManifestAsync(federation, 1));
        Assert.Equal((RunPhase.Completed, 4), (status.Phase, status.RoundsDone));
        Assert.Equal([new PrivacyAccount("run-1", 0.5, 2, 4)], ledger.Accounts.AsEnumerable());
        Assert.Equal((4L, 2.0, 0.5, 0.5, 1e-5), (manifest.Privacy!.Releases, manifest.Privacy.NoiseMultiplier, manifest.Privacy.Rate, manifest.Privacy.ClipNorm, manifest.Privacy.Delta));
        Assert.Equal((manifest.Privacy.Epsilon, manifest.Privacy.Epsilon), (manifest.EpsilonSpent, manifest.Privacy.FederationEpsilon));
        Assert.InRange(manifest.Privacy.Epsilon, 1, 10);
    }

    [Fact]
    public async Task Run_WithPrivacy_TellsNoLossAndNothingElseOfItsClientsUpdates()
    {
        await using var federation = await StartAsync();

        var status = await federation.RunAsync(PrivateFederation.Request());

        var events = await federation.Grains.GetGrain<IRunGrain>("test/run-1").ReadEventsAsync(0, TimeSpan.Zero);
        var records = events.Events.Select(one => one.Record).OfType<Contracts.Rounds.RoundRecord>().Concat(status.Rounds).ToArray();
        Assert.NotEmpty(records);
        Assert.All(records, record => Assert.Equal((null, 0.0, null), (record.Loss, record.ClippedShare, record.Fault)));
        Assert.Contains((await federation.RunAsync(PrivateFederation.Request() with { Privacy = null })).Rounds, record => record.Loss > 0); // of any other run it is told
    }

    [Fact]
    public async Task Run_WithoutNoiseGiven_AddsTheLeastThatItsRoundsNeed()
    {
        await using var federation = await StartAsync();

        var status = await federation.RunAsync(PrivateFederation.Request(epsilon: 3, noise: 0, rounds: 6));

        var manifest = await ManifestAsync(federation, status.Version);
        Assert.Equal((RunPhase.Completed, 6L), (status.Phase, manifest.Privacy!.Releases));
        Assert.InRange(manifest.Privacy.Epsilon, 2.7, 3);
    }

    // Its rounds have other noise each, and what they come to together is what was asked for.
    [Fact]
    public async Task Run_OfPca_ReleasesTwoSumsAndSpendsWhatItMay()
    {
        await using var federation = await StartAsync();
        var request = PrivateFederation.Request(epsilon: 3, noise: 0) with { Learner = "pca", LearnerOptions = ImmutableSortedDictionary<string, string>.Empty, Rounds = new RoundSettings() };

        var status = await federation.RunAsync(request);

        var (ledger, manifest) = (await federation.LedgerAsync(), await ManifestAsync(federation, status.Version));
        Assert.Equal((RunPhase.Completed, RunStopReason.Complete, 2), (status.Phase, status.StopReason, status.RoundsDone));
        Assert.Equal([(1.0, 1L), (1.0, 1L)], ledger.Accounts.Select(account => (account.Rate, account.Charges)));
        Assert.Equal(3, ledger.Accounts[0].NoiseMultiplier / ledger.Accounts[1].NoiseMultiplier, 1e-9);
        Assert.Equal((2L, ledger.Accounts[1].NoiseMultiplier, 1.0), (manifest.Privacy!.Releases, manifest.Privacy.NoiseMultiplier, manifest.Privacy.ClipNorm));
        Assert.InRange(manifest.Privacy.Epsilon, 2.99, 3);
        Assert.Equal("everything is counted after round 2", status.Reason);
    }

    // The noise that is planned for both rounds is more than what one of them would need: with an ε that is spent after the first there is a version by how often items are met.
    [Fact]
    public async Task Run_OfPcaWhosePrivacyIsSpentAfterTheFirstSum_PublishesWhatItHas()
    {
        await using var federation = await StartAsync();
        var request = PrivateFederation.Request(epsilon: 3, noise: 1) with { Learner = "pca", LearnerOptions = ImmutableSortedDictionary<string, string>.Empty, Rounds = new RoundSettings() };

        var status = await federation.RunAsync(request);

        Assert.Equal((RunPhase.Stopped, RunStopReason.PrivacySpent, 1, 1L), (status.Phase, status.StopReason, status.RoundsDone, status.Version));
        Assert.Single((await federation.LedgerAsync()).Accounts);
    }

    [Fact]
    public async Task Run_DoneAgainAfterACrash_ReleasesTheSame_AndIsChargedOnce()
    {
        var expected = await UndisturbedAsync(PrivateFederation.Request());
        await LoseInRoundThreeAsync();

        await using var federation = await StartAsync();
        var status = await federation.WaitAsync("test", "run-1");

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.Equal(4, Assert.Single((await federation.LedgerAsync()).Accounts).Charges);
    }

    // Of a federation that was deleted and begun again, with a user more, the difference to the one before is not that user.
    [Fact]
    public async Task Run_OfTheSameNameThatIsStartedAnotherDay_DrawsAnew()
    {
        var first = await UndisturbedAsync(PrivateFederation.Request());

        await using var later = await PrivateFederation.StartAsync(day: 2);
        var second = await later.RunAsync(PrivateFederation.Request());

        Assert.NotEqual(first.Rounds.Select(round => round.Asked), second.Rounds.Select(round => round.Asked));
        Assert.NotEqual(first.Sha256, second.Sha256);
    }

    // Another key draws other clients: what the lost rounds have released was another thing, and stays charged.
    [Fact]
    public async Task Run_DoneAgainWithAnotherKey_IsChargedForBoth()
    {
        await LoseInRoundThreeAsync();

        await using var federation = await PrivateFederation.StartAsync(_states, _models, SecretKey.New());
        var status = await federation.WaitAsync("test", "run-1");

        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.Equal(6, Assert.Single((await federation.LedgerAsync()).Accounts).Charges);
        Assert.Equal(6, (await ManifestAsync(federation, status.Version)).Privacy!.Releases);
    }

    [Fact]
    public async Task Run_WhosePrivacyIsSpent_EndsByItself_AndPublishesWhatItHas()
    {
        await using var federation = await StartAsync();

        var status = await federation.RunAsync(PrivateFederation.Request(epsilon: 3.5, rounds: 20));

        var privacy = (await ManifestAsync(federation, status.Version)).Privacy!;
        Assert.Equal((RunPhase.Stopped, RunStopReason.PrivacySpent, 1L), (status.Phase, status.StopReason, status.Version));
        Assert.InRange(status.RoundsDone, 1, 19);
        Assert.Equal(status.RoundsDone, privacy.Releases);
        Assert.InRange(privacy.Epsilon, 2.5, 3.5);
        Assert.StartsWith("the run's privacy budget is spent", status.Reason, StringComparison.Ordinal);
    }

    // What the federation's ledger does not allow is not used: the version is that of the rounds before.
    [Fact]
    public async Task Run_OfAFederationWhosePrivacyIsSpent_UsesNothingOfTheRoundThatWasRefused()
    {
        var expected = await UndisturbedAsync(PrivateFederation.Request(rounds: 2));
        await using var federation = await StartAsync();
        var ledger = federation.Grains.GetGrain<IPrivacyLedgerGrain>("test");
        var two = Grains.Privacy.Spending.Epsilon([new PrivacyAccount("run-1", 0.5, 2, 2)], 1e-5);
        await ledger.SetBudgetAsync(new PrivacyBudget(two * 1.01, 1e-5));

        var status = await federation.RunAsync(PrivateFederation.Request(rounds: 20));

        Assert.Equal((RunPhase.Stopped, RunStopReason.PrivacySpent, expected.Sha256), (status.Phase, status.StopReason, status.Sha256));
        Assert.Contains("the federation's privacy budget is spent", status.Rounds[2].Reason, StringComparison.Ordinal);
        Assert.Equal(2, Assert.Single((await ledger.ReadAsync()).Accounts).Charges);
    }

    // A ledger that cannot be written holds the run up, and no model goes on without it.
    [Fact]
    public async Task Run_WhoseLedgerCannotBeWritten_WaitsAndGoesOn()
    {
        var expected = await UndisturbedAsync(PrivateFederation.Request());
        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        (_states.FailWritesOf, _states.OnFailure) = ("privacy", () => refused.TrySetResult());
        await using var federation = await StartAsync();
        await federation.StartRunAsync(PrivateFederation.Request());

        await refused.Task.WaitAsync(Waiting.Limit);
        var before = (await federation.Grains.GetGrain<IRunGrain>("test/run-1").GetStatusAsync())!.RoundsDone;
        _states.FailWritesOf = null;
        await federation.Grains.GetGrain<IRunGrain>("test/run-1").ResumeAsync();
        var status = await federation.WaitAsync("test", "run-1");

        Assert.Equal((0, RunPhase.Completed, expected.Sha256), (before, status.Phase, status.Sha256));
        Assert.Equal(4, Assert.Single((await federation.LedgerAsync()).Accounts).Charges);
    }

    private static async Task<RunStatus> UndisturbedAsync(RunRequest request)
    {
        await using var federation = await PrivateFederation.StartAsync();
        return await federation.RunAsync(request);
    }

    private static async Task<ModelManifest> ManifestAsync(TestFederation federation, long version) => (await federation.Grains.GetGrain<IModelGrain>("test").GetManifestAsync(version))!;

    private Task<TestFederation> StartAsync() => PrivateFederation.StartAsync(_states, _models);

    private async Task LoseInRoundThreeAsync()
    {
        await using (var lost = await StartAsync())
        {
            await lost.LoseInRoundThreeAsync(PrivateFederation.Request());
        }

        await _states.Checkpoints.DeleteAllAsync("test", "run-1"); // so that its first two rounds are done again
    }
}
