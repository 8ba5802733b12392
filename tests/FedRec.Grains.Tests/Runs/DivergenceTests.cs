using System.Collections.Immutable;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FedRec.Grains.Tests.Runs;

/// <summary>A training whose numbers run away ends as a failure that says what happened and what to change, in one message.</summary>
public sealed class DivergenceTests
{
    [Fact]
    public async Task Run_ServerLearningRateFarTooHigh_SaysThatItDivergedAndWhatToLower()
    {
        var log = new WarningCount("FedRec.Grains.Training", "FedRec.Grains.Rounds");
        await using var federation = await TestFederation.StartAsync(1, configure: silo => silo.Services.AddLogging(logging => logging.AddProvider(log)));

        var status = await federation.RunAsync(TestFederation.Request(rounds: 10) with { ServerOptimizer = new() { LearningRate = 1e8 } });

        Assert.Equal((RunPhase.Failed, RunStopReason.Diverged), (status.Phase, status.StopReason));
        Assert.Matches("^training diverged: 60 of 60 updates of round [0-9]+ were rejected, as .* is not finite; lower --server-lr \\(it is 1E\\+08\\)", status.Reason);
        Assert.Equal((60, 0, 0), (status.Rounds[^1].Rejected, status.Rounds[^1].Dropped, status.Rounds[^1].Late));
        Assert.Equal(0, log.Count);
    }

    [Fact]
    public async Task Run_StepThatIsNotFinite_EndsAtOnceWithTheModelAsItWas()
    {
        await using var federation = await TestFederation.StartAsync(1);
        federation.Gate.Before = call =>
        {
            if (call.Request.GetArgumentCount() > 0 && call.Request.GetArgument(0) is PartialSum sum)
            {
                var values = sum.Values.ToArray();
                values.AsSpan(values.Length - sizeof(long)).Clear(); // of no users at all: the mean over users is none
                call.Request.SetArgument(0, sum with { Values = values });
            }

            return Task.CompletedTask;
        };

        var status = await federation.RunAsync(TestFederation.Request(rounds: 10));

        Assert.Equal((RunPhase.Failed, RunStopReason.Diverged, 1), (status.Phase, status.StopReason, status.Rounds.Length));
        Assert.StartsWith("training diverged: the model that round 1 led to cannot be used, as item_factors is not finite; lower --server-lr", status.Reason, StringComparison.Ordinal);
        Assert.Equal(("Abandoned", UpdateFaultKind.NotFinite, 60), (status.Rounds[0].Phase, status.Rounds[0].Fault!.Kind, status.Rounds[0].Participants));
    }

    [Fact]
    public async Task Run_WhoseLastRoundWasRejected_IsNoSuccess()
    {
        await using var federation = await TestFederation.StartAsync(1);
        federation.Gate.Before = call =>
        {
            if (call.Request.GetArgumentCount() > 0 && call.Request.GetArgument(0) is PartialSum { Round: 3 } sum)
            {
                call.Request.SetArgument(0, Rejected(sum));
            }

            return Task.CompletedTask;
        };

        var status = await federation.RunAsync(TestFederation.Request(rounds: 3));

        Assert.Equal((RunPhase.Failed, RunStopReason.Diverged, 3), (status.Phase, status.StopReason, status.Rounds.Length));
        Assert.Equal(
            "training diverged: 60 of 60 updates of round 3 were rejected, as item_factors is about 3E+5, and 262,144 is the most a client may send; "
            + $"lower --server-lr (it is {status.Request.ServerOptimizer.LearningRate})", status.Reason);
    }

    [Theory]
    [InlineData(false, RunPhase.Failed)]
    [InlineData(true, RunPhase.Completed)]
    public async Task Run_PlayCountsAsRatings_TrainsOrSaysThatTheyAreTooLarge(bool normalised, RunPhase phase)
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");
        File.WriteAllText(file, "user,item,rating\n" + string.Concat(Enumerable.Range(0, 160).Select(i => $"u{i % 20},i{(i / 20) + (i % 3)},{1 + (i * 7919L % 13) * (i * 104_729L % 27_011)}\n")));
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request(rounds: 5) with
        {
            LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("objective", "mse"),
        };

        var status = await federation.RunAsync(request, new DataSpec { Path = file, NormalizeRatings = normalised });

        File.Delete(file);
        Assert.Equal(phase, status.Phase);
        if (phase == RunPhase.Failed)
        {
            Assert.Equal(RunStopReason.Diverged, status.StopReason);
            Assert.StartsWith("the ratings are too large for mf with objective mse (they reach ", status.Reason, StringComparison.Ordinal);
            Assert.EndsWith("; use --normalize-ratings", status.Reason, StringComparison.Ordinal);
        }
    }

    /// <summary>A sum as if nothing in it could be added.</summary>
    internal static PartialSum Rejected(PartialSum sum) => new()
    {
        Round = sum.Round,
        BaseVersion = sum.BaseVersion,
        Rejected = sum.Clients,
        Fault = new UpdateFault(UpdateFaultKind.TooLarge, "item_factors", 3e5, 262_144),
    };
}
