using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using Orleans.Core.Internal;

namespace FedRec.Grains.Tests.Clients;

/// <summary>What a learner keeps with a client from round to round: the control variates of SCAFFOLD.</summary>
public sealed class KeptStateTests
{
    private static readonly RunRequest s_scaffold = Scaffold();

    [Fact]
    public async Task Run_ControlVariates_GivesTheSameModelOnOneAndOnThreeSilos()
    {
        await using var one = await TestFederation.StartAsync(1);
        await using var three = await TestFederation.StartAsync(3);

        var alone = await one.RunAsync(s_scaffold);
        var spread = await three.RunAsync(s_scaffold);

        Assert.Equal((RunPhase.Completed, alone.Sha256), (spread.Phase, spread.Sha256));
        Assert.All(alone.Rounds, round => Assert.Equal(60, round.Participants));
    }

    [Fact]
    public async Task Run_ClientsReactivatedBetweenRounds_GoOnWithWhatTheyKept()
    {
        await using var undisturbed = await TestFederation.StartAsync(1);
        var expected = await undisturbed.RunAsync(s_scaffold);
        await using var federation = await TestFederation.StartAsync(1);
        federation.Gate.Before = call => call.Request.GetArgumentCount() > 0 && call.Request.GetArgument(0) is RoundOrder { Round: 3 }
            ? ForgetAsync(federation, clients: [3, 14, 15]) : Task.CompletedTask;

        var status = await federation.RunAsync(s_scaffold);

        Assert.Equal(expected.Sha256, status.Sha256);
    }

    [Fact]
    public async Task Run_StopsMidWayAndGoesOnInAnotherCluster_GivesTheSameModel()
    {
        await using var undisturbed = await TestFederation.StartAsync(1);
        var expected = await undisturbed.RunAsync(s_scaffold);
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        await using (var first = await TestFederation.StartAsync(1, states, models))
        {
            await first.Grains.GetGrain<Contracts.Federations.IFederationGrain>("test").StartRunAsync(s_scaffold);
            await first.WaitForCheckpointAsync();
        }

        await using var second = await TestFederation.StartAsync(1, states, models);
        var status = await second.WaitAsync("test", "run-1");

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
    }

    [Fact]
    public async Task Run_ClientCannotKeepItsState_IsNotCounted()
    {
        var states = new SurvivingStorage { FailWritesOf = "client" };
        await using var federation = await TestFederation.StartAsync(1, states);

        var status = await federation.RunAsync(s_scaffold);

        Assert.Equal(RunPhase.Failed, status.Phase);
        Assert.All(status.Rounds, round => Assert.Equal((0, 60), (round.Participants, round.Dropped)));
    }

    private static Task ForgetAsync(TestFederation federation, params int[] clients) => Task.WhenAll(
        clients.Select(client => federation.Grains.GetGrain<IClientGrain>($"test/{client}").Cast<IGrainManagementExtension>().DeactivateOnIdle().AsTask()));

    private static RunRequest Scaffold()
    {
        var request = TestFederation.Request(rounds: 5);
        return request with { LearnerOptions = request.LearnerOptions.Add("objective", "logistic").Add("scaffold", "on") };
    }
}
