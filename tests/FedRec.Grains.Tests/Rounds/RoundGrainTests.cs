using System.Globalization;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Learners;
using FedRec.Core.Snapshots;
using FedRec.Grains.Models;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;

namespace FedRec.Grains.Tests.Rounds;

public class RoundGrainTests
{
    [Fact]
    public async Task Run_CoordinatorReactivatedMidRound_GivesTheSameModel()
    {
        var expected = await UndisturbedShaAsync();
        await using var federation = await TestFederation.StartAsync(2);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        federation.Gate.Before = call => IsTraining(call, client: 7, round: 2) ? HoldAsync(held, release) : Task.CompletedTask;

        var running = federation.RunAsync(TestFederation.Request());
        await held.Task;
        await federation.Grains.GetGrain<IRoundGrain>("test/run-1/2").Cast<IGrainManagementExtension>().DeactivateOnIdle();
        release.SetResult();
        var status = await running;

        Assert.Equal(expected, status.Sha256);
        Assert.All(status.Rounds, round => Assert.Equal(60, round.Participants));
    }

    [Fact]
    public async Task Run_AClientThatAlwaysFails_IsCountedAsDropped()
    {
        await using var federation = await TestFederation.StartAsync(1);
        federation.Gate.Before = call => IsTraining(call, client: 7) ? throw new InvalidOperationException("out of battery") : Task.CompletedTask;

        var status = await federation.RunAsync(TestFederation.Request(rounds: 2));

        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.All(status.Rounds, round => Assert.Equal((59, 1), (round.Participants, round.Dropped)));
    }

    [Fact]
    public async Task Run_SlowClientBeyondTheDeadline_IsLeftBehind()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        federation.Gate.Before = call => IsTraining(call, client: 7) ? release.Task : Task.CompletedTask;
        var request = TestFederation.Request(rounds: 1);

        var running = federation.RunAsync(request with { Rounds = request.Rounds with { Deadline = TimeSpan.FromSeconds(1) } });
        await federation.WaitForAsync("round.done");
        release.SetResult();
        var status = await running;

        Assert.Equal((59, 1), (status.Rounds[0].Participants, status.Rounds[0].Late));
    }

    [Fact]
    public async Task Run_SimulatedDropoutsAndStragglers_AreSeededAndCounted()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request();
        request = request with { Rounds = request.Rounds with { Dropout = 0.1, Straggler = 0.2, CohortSize = 40 } };

        var status = await federation.RunAsync(request);
        var again = await federation.RunAsync(request);

        Assert.Equal(status.Sha256, again.Sha256);
        Assert.True(status.Rounds.Sum(round => round.Dropped) > 0 && status.Rounds.Sum(round => round.Late) > 0);
        Assert.All(status.Rounds, round => Assert.Equal(40, round.Participants + round.Dropped + round.Late));
    }

    [Fact]
    public async Task Run_QuorumNeverMet_FailsAndSaysSo()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request(rounds: 10);

        var status = await federation.RunAsync(request with { Rounds = request.Rounds with { Dropout = 0.9, Quorum = 1 } });

        Assert.Equal(RunPhase.Failed, status.Phase);
        Assert.StartsWith("quorum not met in 3 rounds in a row", status.Reason, StringComparison.Ordinal);
        var served = await federation.Grains.GetGrain<Contracts.Models.IModelGrain>("test").GetSummaryAsync();
        Assert.Equal((0L, 0L, 0, 0L), (served.Latest, served.Serving, served.Versions.Length, status.Version));
    }

    [Fact]
    public async Task Open_ClientsThatTrainedBeforeACrashOfTheRound_AreCountedOnce()
    {
        await using var federation = await TestFederation.StartAsync(
            1, configure: silo => silo.Services.Configure<TrainingOptions>(options => options.FlushInterval = TimeSpan.FromHours(1)));
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        await OfferAsync(federation, round: 1);
        var clients = Enumerable.Range(0, 60).Select(client => federation.Grains.GetGrain<IClientGrain>($"test/{client}"));
        await Task.WhenAll(clients.Select(client => client.TrainAsync(new TrainOrder("test/run-1", 2, 1)))); // summed, not yet sent
        var round = federation.Grains.GetGrain<IRoundGrain>("test/run-1/2");

        await round.OpenAsync(Order() with { Round = 2, BaseVersion = 1, Clients = 60, UpdateLength = (50 * 8) + (8 * 8) + 1 });
        var result = await round.WaitAsync(TimeSpan.FromMinutes(4));

        Assert.Equal(("Aggregating", 60, 0), (result!.Record.Phase, result.Record.Participants, result.Record.Late));
    }

    [Fact]
    public async Task Train_ForARoundThatHasClosed_LeavesNothingOnTheSilo()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(TestFederation.Request(rounds: 2));
        await OfferAsync(federation, round: 1);
        var aggregation = federation.Cluster.Silos[0].ServiceProvider.GetRequiredService<LocalAggregation>();

        await federation.Grains.GetGrain<IClientGrain>("test/3").TrainAsync(new TrainOrder("test/run-1", 2, 1));

        await Waiting.UntilAsync(async () => !await aggregation.FlushAsync("test/run-1", 2, evenIfBusy: false), "its sum was refused as late, and nothing is left of it");
    }

    [Fact]
    public async Task Open_WhenThePlanCannotBeStored_AsksNobody()
    {
        var storage = new SurvivingStorage { FailWritesOf = "round" };
        await using var federation = await TestFederation.StartAsync(1, storage);
        var asked = 0;
        federation.Gate.Before = call =>
        {
            asked += call.ImplementationMethod.Name == nameof(IClientGrain.TrainAsync) ? 1 : 0;
            return Task.CompletedTask;
        };
        var round = federation.Grains.GetGrain<IRoundGrain>("test/run-1/1");

        await Assert.ThrowsAnyAsync<Exception>(() => round.OpenAsync(Order()));

        Assert.Equal(0, asked);
        Assert.Null(await round.GetRecordAsync());
    }

    [Fact]
    public async Task Submit_ToARoundThatWasNeverOpened_IsUnknown()
    {
        await using var federation = await TestFederation.StartAsync(1);

        var receipt = await federation.Grains.GetGrain<IRoundGrain>("test/run-1/9").SubmitAsync(new PartialSum { Round = 9, BaseVersion = 0, Clients = [1] });

        Assert.Equal(UpdateReceipt.UnknownRound, receipt);
    }

    [Fact]
    public async Task Submit_AfterTheRunHasEnded_IsLate()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var status = await federation.RunAsync(TestFederation.Request(rounds: 2));
        var length = 8; // of whatever length: the round is closed
        var late = new PartialSum { Round = 2, BaseVersion = 1, Clients = [1], Values = new byte[length * 8], Weight = 1 };

        Assert.Equal(UpdateReceipt.Late, await federation.Grains.GetGrain<IRoundGrain>($"test/{status.RunId}/2").SubmitAsync(late));
    }

    [Fact]
    public async Task Open_WhereTheStoredPlanIsOfAnotherCatalogue_IsRefusedAndLeavesThePlan()
    {
        var states = new SurvivingStorage();
        var order = Order() with { Catalogue = new CatalogueVersion(50, 0, "one") };
        await using (var first = await TestFederation.StartAsync(1, states))
        {
            await first.Grains.GetGrain<IRoundGrain>("test/run-1/1").OpenAsync(order);
        }

        await using var again = await TestFederation.StartAsync(1, states);
        var round = again.Grains.GetGrain<IRoundGrain>("test/run-1/1");
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => round.OpenAsync(order with { Catalogue = new CatalogueVersion(50, 0, "other") }));
        await round.OpenAsync(order with { Catalogue = null }); // of a program of before

        Assert.Contains("planned over 50 items (SHA-256 one), and is asked for over 50 (other)", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("one", states.Read<RoundState>("round", round.GetGrainId().ToString(), again.Serializer).Order!.Catalogue!.Sha256);
    }

    private static RoundOrder Order() => new()
    {
        RunKey = "test/run-1",
        Round = 1,
        BaseVersion = 0,
        Clients = 10,
        Seed = 1,
        Settings = new RoundSettings { Deadline = TimeSpan.FromMinutes(1) },
        UpdateLength = 4,
        ParameterBytes = 16,
        Durable = true,
    };

    private static async Task<string> UndisturbedShaAsync()
    {
        await using var federation = await TestFederation.StartAsync(1, models: new MemoryModelStore());
        return (await federation.RunAsync(TestFederation.Request())).Sha256;
    }

    private static bool IsTraining(IIncomingGrainCallContext call, int client, int round = 0) =>
        call.ImplementationMethod.Name == nameof(IClientGrain.TrainAsync)
        && call.TargetId.Key.ToString() == string.Create(CultureInfo.InvariantCulture, $"test/{client}")
        && (round == 0 || ((TrainOrder)call.Request.GetArgument(0)!).Round == round);

    private static async Task HoldAsync(TaskCompletionSource held, TaskCompletionSource release)
    {
        held.TrySetResult();
        await release.Task;
    }

    // A run that has ended holds no rounds any more; the silo gets one back, as if the run were still there.
    private static async Task OfferAsync(TestFederation federation, int round)
    {
        var services = federation.Cluster.Silos[0].ServiceProvider;
        var run = await services.GetRequiredService<RunCache>().GetAsync("test/run-1", CancellationToken.None);
        services.GetRequiredService<ParameterCache>().Put(
            new ModelReference("test/run-1", round, 0), run.Learner.Prepare(run.Learner.Initialize(run.Request.Seed)));
    }
}
