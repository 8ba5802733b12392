using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;
using Orleans.Core.Internal;

namespace FedRec.Grains.Tests.Rounds;

/// <summary>Regions put sums together on their way: the model stays the same, and one that is lost costs only its own clients.</summary>
public sealed class RegionTests
{
    [Theory]
    [InlineData(1, "mean")]
    [InlineData(3, "mean")]
    [InlineData(100, "mean")]
    [InlineData(3, "median")]
    public async Task Run_WithRegions_GivesTheSameModelFromASumForEach(int regions, string aggregator)
    {
        var request = Request(aggregator);
        await using var without = await TestFederation.StartAsync(2);
        var expected = await without.RunAsync(request);
        await using var cluster = await TestFederation.StartAsync(2, configure: Wait);
        var sums = 0;
        cluster.Gate.After = call => Interlocked.Add(ref sums, call is { Grain: IRoundGrain, MethodName: nameof(IRoundGrain.SubmitAsync) } ? 1 : 0);

        var status = await cluster.RunAsync(With(request, regions));

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.Equal(expected.Rounds.Select(round => (round.Participants, round.BytesUp)), status.Rounds.Select(round => (round.Participants, round.BytesUp)));
        Assert.Equal(4 * Math.Min(regions, 60), sums); // one for each region in each of four rounds, from two silos
        Assert.All(status.Rounds, round => Assert.True(round.SumBytes > 0));
    }

    // What it had not sent on is trained again, to the same update.
    [Fact]
    public async Task Run_WhoseRegionIsLostWithSumsInIt_GivesTheSameModel()
    {
        await using var without = await TestFederation.StartAsync(2);
        var expected = await without.RunAsync(Request());
        await using var cluster = await TestFederation.StartAsync(2, configure: Wait);
        var (lost, held) = (0, new Hold());
        cluster.Gate.Before = call => call.ImplementationMethod.Name == nameof(IClientGrain.TrainAsync) && call.TargetId.Key.ToString() == "test/7" ? held.PassAsync() : Task.CompletedTask;
        cluster.Gate.After = call =>
        {
            if (call is { Grain: IRegionGrain, MethodName: nameof(IRegionGrain.SubmitAsync), Result: UpdateReceipt.Accepted } && Interlocked.Exchange(ref lost, 1) == 0)
            {
                _ = LoseAsync(cluster, call.TargetId, held);
            }
        };

        var receipt = await cluster.StartRunAsync(With(Request(), 2));
        await held.Reached;
        var aggregation = cluster.Cluster.Silos.Select(silo => cluster.Cluster.GetSiloServiceProvider(silo.SiloAddress)).Select(services => (LocalAggregation)services.GetService(typeof(LocalAggregation))!).ToList();
        await Waiting.UntilAsync(async () =>
        {
            foreach (var silo in aggregation)
            {
                await silo.FlushAsync($"test/{receipt.RunId}", 1, evenIfBusy: true); // all but one of the clients, so that the region waits for it
            }

            return Volatile.Read(ref lost) == 1;
        }, "a sum has come to its region");

        var status = await cluster.WaitAsync("test", receipt.RunId);

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.All(status.Rounds, round => Assert.Equal((60, 0), (round.Participants, round.Dropped)));
    }

    [Fact]
    public async Task Run_WithARegionThatNeverAnswers_LosesItsClientsOnly()
    {
        await using var cluster = await TestFederation.StartAsync(1);
        cluster.Gate.Before = call => call is { Grain: IRegionGrain } && call.TargetId.Key.ToString()!.EndsWith("/region-2", StringComparison.Ordinal)
            ? throw new OrleansException("gone") : Task.CompletedTask;

        var status = await cluster.RunAsync(With(Request(), 4) with { Rounds = new RoundSettings { Count = 4, Regions = 4, ErrorBudget = 0 } });

        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.All(status.Rounds, round => Assert.Equal((45, 15), (round.Participants, round.Dropped)));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(2, RoundSettings.Asynchronous)]
    public async Task Start_RegionsThatCannotBe_IsRefused(int regions, string? mode)
    {
        await using var cluster = await TestFederation.StartAsync(1);

        var receipt = await cluster.StartRunAsync(Request() with { Rounds = new RoundSettings { Count = 2, Regions = regions, Mode = mode } });

        Assert.Equal(RunOutcome.Invalid, receipt.Outcome);
        Assert.Contains($"regions is {regions}; it must be 1 to 10,000, and left out with a mode", receipt.Message, StringComparison.Ordinal);
    }

    private static RunRequest Request(string aggregator = "mean") => TestFederation.Request() with
    {
        LearnerOptions = TestFederation.Request().LearnerOptions.Add("objective", "logistic"),
        Rounds = new RoundSettings { Count = 4, Aggregator = aggregator },
    };

    private static RunRequest With(RunRequest request, int regions) => request with { Rounds = request.Rounds with { Regions = regions } };

    // A region sends when it has all, and not because time has passed.
    private static void Wait(ISiloBuilder silo) => silo.Configure<TrainingOptions>(options => options.FlushInterval = TimeSpan.FromHours(1));

    private static async Task LoseAsync(TestFederation cluster, GrainId region, Hold held)
    {
        await cluster.Grains.GetGrain<IGrainManagementExtension>(region).DeactivateOnIdle();
        held.Release();
    }
}
