using FedRec.Contracts.Clients;
using FedRec.Contracts.Runs;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Rounds;

/// <summary>A cohort that silos are asked for, and not each client, comes to the same model; where clients keep something, each is asked.</summary>
public sealed class BatchAskingTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("regions", 0)]
    [InlineData("async", 0)]
    [InlineData("faults", 0)]
    [InlineData("scaffold", 240)]
    public async Task Run_AskedInBatches_GivesTheSameModel(string kind, int callsToClients)
    {
        var request = Request(kind);
        await using var one = await TestFederation.StartAsync(1);
        var expected = await one.RunAsync(request);
        await using var cluster = await TestFederation.StartAsync(2, configure: silo => silo.Configure<TrainingOptions>(options => options.AskInBatches = true));
        var calls = 0;
        cluster.Gate.Before = call =>
        {
            Interlocked.Add(ref calls, call is { Grain: IClientGrain, MethodName: nameof(IClientGrain.TrainAsync) } ? 1 : 0);
            return Task.CompletedTask;
        };

        var status = await cluster.RunAsync(request);

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.Equal(expected.Rounds.Select(round => (round.Participants, round.Dropped, round.BytesUp)), status.Rounds.Select(round => (round.Participants, round.Dropped, round.BytesUp)));
        Assert.Equal(callsToClients, calls);
    }

    // Its share is asked of the other one; what it had trained and not sent is trained again.
    [Fact]
    public async Task Run_WhoseSiloLeaves_GivesTheSameModel()
    {
        var request = Request("") with { Rounds = Request("").Rounds with { Count = 30 } };
        await using var one = await TestFederation.StartAsync(1);
        var expected = await one.RunAsync(request);
        await using var cluster = await TestFederation.StartAsync(3, configure: silo => silo.Configure<TrainingOptions>(options => options.AskInBatches = true));

        var receipt = await cluster.StartRunAsync(request);
        await cluster.WaitForCheckpointAsync();
        var run = await cluster.SiloOfAsync(cluster.Grains.GetGrain<IRunGrain>($"test/{receipt.RunId}"));
        await cluster.Cluster.StopSiloAsync(cluster.Cluster.Silos.First(silo => !silo.SiloAddress.Equals(run)));
        var status = await cluster.WaitAsync("test", receipt.RunId);

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.All(status.Rounds, round => Assert.Equal((60, 0), (round.Participants, round.Dropped)));
    }

    // The silo is lost between the moment when all of its clients have been asked and the next look at it.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_WithASiloThatIsLostOnceItWasAsked_HasItsWorkDoneAgain(bool inBatches)
    {
        await using var one = await TestFederation.StartAsync(1);
        var expected = await one.RunAsync(Request(""));
        await using var cluster = await TestFederation.StartAsync(2, configure: silo => silo.Configure<TrainingOptions>(options => options.AskInBatches = inBatches));
        var isLost = 0;
        cluster.Gate.Before = call =>
        {
            if (call.MethodName == nameof(ILocalAggregator.FlushAsync) && call.Request.GetArgument(1) is 2 && Interlocked.Exchange(ref isLost, 1) == 0)
            {
                call.TargetContext.ActivationServices.GetRequiredService<LocalAggregation>().ForgetRun((string)call.Request.GetArgument(0)!);
                throw new SiloUnavailableException("gone");
            }

            return Task.CompletedTask;
        };

        var status = await cluster.RunAsync(Request(""));

        Assert.Equal((1, RunPhase.Completed, expected.Sha256), (isLost, status.Phase, status.Sha256));
        Assert.All(status.Rounds, round => Assert.True(round.Milliseconds < round.DeadlineSeconds * 500, $"round {round.Round} took {round.Milliseconds} ms"));
    }

    /// <summary>A silo that stops says one thing or another: its queues are closed, its caches are gone.</summary>
    [Fact]
    public async Task Run_WithASiloThatSaysAnythingAtAll_HasTheOthersDoItsWork()
    {
        await using var one = await TestFederation.StartAsync(1);
        var expected = await one.RunAsync(Request(""));
        await using var cluster = await TestFederation.StartAsync(3, configure: silo => silo.Configure<TrainingOptions>(options => options.AskInBatches = true));
        var asked = 0;
        cluster.Gate.Before = call => call is { InterfaceMethod.DeclaringType.Name: "ILocalAggregator", MethodName: "TrainAsync" } && Interlocked.Increment(ref asked) == 2
            ? throw new InvalidOperationException("The queue is closed.") : Task.CompletedTask;

        var status = await cluster.RunAsync(Request(""));

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.All(status.Rounds, round => Assert.Equal((60, 0), (round.Participants, round.Dropped)));
        Assert.All(status.Rounds, round => Assert.True(round.Milliseconds < round.DeadlineSeconds * 500, $"round {round.Round} took {round.Milliseconds} ms"));
    }

    private static RunRequest Request(string kind)
    {
        var request = TestFederation.Request() with { LearnerOptions = TestFederation.Request().LearnerOptions.Add("objective", "logistic") };
        return kind switch
        {
            "regions" => request with { Rounds = request.Rounds with { Regions = 3 } },
            "async" => request with { Rounds = new RoundSettings { Mode = RoundSettings.Asynchronous, Count = 12, CohortSize = 20, ReportGoal = 5, Straggler = 0.3 } },
            "faults" => request with { Rounds = request.Rounds with { CohortSize = 30, ReportGoal = 20, Dropout = 0.1, Straggler = 0.1 } },
            "scaffold" => request with { LearnerOptions = request.LearnerOptions.Add("scaffold", "on") },
            _ => request,
        };
    }
}
