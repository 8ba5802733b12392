using FedRec.Contracts.Models;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Tests.Privacy;

/// <summary>A private run whose clip norm adapts is charged as any other, and goes on with its norm wherever it is taken up.</summary>
public sealed class AdaptiveClippingRunTests
{
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Fact]
    public async Task Run_WithAClipNormThatAdapts_IsChargedWhatOneWithANormThatStaysIs_AndItsVersionSaysTheNorm()
    {
        var fixedNorm = await TrainedAsync(PrivateFederation.Request(epsilon: 3, noise: 0));
        var adaptive = await TrainedAsync(Request(epsilon: 3, noise: 0));

        Assert.Equal((RunPhase.Completed, 4), (adaptive.Status.Phase, adaptive.Status.RoundsDone));
        Assert.Equal(fixedNorm.Ledger.Accounts.AsEnumerable(), adaptive.Ledger.Accounts);
        Assert.Equal(fixedNorm.Manifest.Privacy! with { ClipNorm = 0 }, adaptive.Manifest.Privacy! with { ClipNorm = 0 });
        Assert.Equal(("clip_norm", 1, 1), (adaptive.Manifest.Tensors[^1].Name, adaptive.Manifest.Tensors[^1].Rows, adaptive.Manifest.Tensors[^1].Columns));
        Assert.NotEqual(0.5, adaptive.Manifest.Privacy!.ClipNorm);
        Assert.InRange(adaptive.Manifest.Privacy.ClipNorm, 0.5 * Math.Exp(-0.2 * 4 * 2), 0.5 * Math.Exp(0.2 * 4 * 2)); // a share may be told by one too much, or too little
        Assert.NotEqual(fixedNorm.Status.Sha256, adaptive.Status.Sha256);
    }

    // From its checkpoint it goes on with the norm of round two; without one it does all again, from the first norm on.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_TakenUpAfterACrash_GivesTheBytesOfOneThatWasNotDisturbed(bool checkpoint)
    {
        var expected = await TrainedAsync(Request());
        await using (var lost = await PrivateFederation.StartAsync(_states, _models))
        {
            await lost.LoseInRoundThreeAsync(Request());
        }

        if (!checkpoint)
        {
            await _states.Checkpoints.DeleteAllAsync("test", "run-1");
        }

        await using var federation = await PrivateFederation.StartAsync(_states, _models);
        var status = await federation.WaitAsync("test", "run-1");

        Assert.Equal((RunPhase.Completed, expected.Status.Sha256), (status.Phase, status.Sha256));
        Assert.Equal(4, Assert.Single((await federation.LedgerAsync()).Accounts).Charges);
    }

    [Fact]
    public async Task Run_WithMaskedUpdates_GivesTheBytesOfOneWithout()
    {
        var open = await TrainedAsync(Request());
        var masked = await TrainedAsync(PrivateFederation.Masked(Request()));

        Assert.All(masked.Status.Rounds, round => Assert.Equal(0, round.Dropped));
        Assert.Equal((RunPhase.Completed, open.Status.Sha256), (masked.Status.Phase, masked.Status.Sha256));
    }

    // A version with a norm is begun with like any other, personalised too; of one without a norm the run would not know where it stood.
    [Fact]
    public async Task Run_ThatBeginsWithSuchAVersion_GoesOnWithItsNorm()
    {
        await using var federation = await PrivateFederation.StartAsync(_states, _models);
        var first = await federation.RunAsync(Request(rounds: 2) is var begun ? begun with { Rounds = begun.Rounds with { ClipNorm = 0.001 } } : begun);
        var second = await federation.RunAsync(Request(rounds: 1) is var request ? request with { WarmStart = first.Version, Rounds = request.Rounds with { ClipNorm = 50 }, Personalization = new PersonalizationSettings { Method = "fine-tune" } } : request);
        var other = await federation.RunAsync(PrivateFederation.Request());
        var refused = await federation.StartRunAsync(Request() with { WarmStart = other.Version });

        var (before, after) = (await NormAsync(federation, first.Version), await NormAsync(federation, second.Version));
        Assert.Equal((RunPhase.Completed, RunPhase.Completed), (first.Phase, second.Phase));
        Assert.InRange(before, 0.0002, 0.005);
        Assert.InRange(after / before, 0.5, 2); // a round from where it stood
        Assert.Contains("clip_norm 1 × 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_ThatCannotBeFollowed_AreRefused()
    {
        await using var federation = await PrivateFederation.StartAsync();
        var good = Request();
        (RunRequest Request, string Says)[] refused =
        [
            (good with { Privacy = good.Privacy! with { ClipQuantile = 0 } }, "clip-quantile is 0;"),
            (good with { Privacy = good.Privacy! with { ClipQuantile = 1 } }, "clip-quantile is 1;"),
            (good with { Privacy = good.Privacy! with { ClipQuantile = double.NaN } }, "clip-quantile is NaN;"),
            (good with { Rounds = good.Rounds with { ClipNorm = 1e-7 } }, "clip-norm is 1E-07;"),
            (good with { Rounds = good.Rounds with { Steps = "clip=1" } }, "update-steps is clip=1;"),
            (good with { LearnerOptions = good.LearnerOptions.SetItem("objective", "least-squares") }, "clip-quantile is 0.5, but"),
        ];

        foreach (var (request, says) in refused)
        {
            var receipt = await federation.StartRunAsync(request);
            Assert.True(receipt.Outcome == RunOutcome.Invalid && receipt.Message.Contains(says, StringComparison.Ordinal), $"{says}: {receipt}");
        }

        Assert.Empty((await federation.LedgerAsync()).Accounts);
    }

    private static RunRequest Request(double epsilon = 100, double noise = 2, int rounds = 4) =>
        PrivateFederation.Request(epsilon, noise, rounds) is var request ? request with { Privacy = request.Privacy! with { ClipQuantile = 0.5 } } : request;

    private static async Task<(RunStatus Status, PrivacyLedger Ledger, ModelManifest Manifest)> TrainedAsync(RunRequest request)
    {
        await using var federation = await PrivateFederation.StartAsync();
        var status = await federation.RunAsync(request);
        return (status, await federation.LedgerAsync(), (await federation.Grains.GetGrain<IModelGrain>("test").GetManifestAsync(status.Version))!);
    }

    private static async Task<double> NormAsync(TestFederation federation, long version) => (await federation.Grains.GetGrain<IModelGrain>("test").GetManifestAsync(version))!.Privacy!.ClipNorm;
}
