using System.Globalization;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Native;
using static TorchSharp.torch;

namespace FedRec.Grains.Tests.Training;

/// <summary>A long run keeps nothing of its rounds. Alone in the process while it is measured.</summary>
[Collection(nameof(AloneCollection))]
public class FlatResourceTests
{
    private const int WarmRound = 20;
    private const int LastRound = 120;

    [Theory]
    [InlineData("mf", "objective", "least-squares")]
    [InlineData("mf", "objective", "logistic")]
    [InlineData("ncf", "model", "neumf")]
    [InlineData("two-tower", "hidden-units", "8")]
    public async Task Run_OverAHundredRounds_KeepsNeitherTensorsNorMemory(string learner, string option, string value)
    {
        TorchLoader.EnsureLoaded();
        await using var federation = await TestFederation.StartAsync(1);
        var measured = new Dictionary<int, (long Tensors, long Bytes)>();
        federation.Gate.Before = call =>
        {
            if (call.Grain is IRoundGrain && call.MethodName == nameof(IRoundGrain.OpenAsync) && RoundOf(call) is WarmRound or LastRound) // nobody trains at that time
            {
                measured[RoundOf(call)] = (Tensor.TotalCount, GC.GetTotalMemory(forceFullCollection: true));
            }

            return Task.CompletedTask;
        };

        var status = await federation.RunAsync(Request(learner, option, value), s_data);

        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.Equal(measured[WarmRound].Tensors, measured[LastRound].Tensors);
        Assert.InRange(measured[LastRound].Bytes - measured[WarmRound].Bytes, long.MinValue, OneSumBytes * 25); // a hundred would stay behind otherwise
    }

    /// <summary>The parameters, from which clients train, are new in each round; nothing else of their size is.</summary>
    [Theory]
    [InlineData("adam")]
    [InlineData("yogi")]
    [InlineData("sgd")]
    public async Task Run_OfALargerModel_AllocatesItsParametersOnlyInARound(string optimizer)
    {
        var (small, large) = (await AllocatedInARoundAsync(16, optimizer), await AllocatedInARoundAsync(64, optimizer));

        Assert.InRange((large - small) / (2_000.0 * (64 - 16) * sizeof(float)), 0.9, 1.5); // arrays of parameters
    }

    private static async Task<double> AllocatedInARoundAsync(int dims, string optimizer)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var measured = new Dictionary<int, long>();
        federation.Gate.Before = call =>
        {
            if (call.Grain is IRoundGrain && call.MethodName == nameof(IRoundGrain.OpenAsync) && RoundOf(call) is WarmRound or LastRound) // nobody trains at that time
            {
                measured[RoundOf(call)] = GC.GetTotalAllocatedBytes(precise: true);
            }

            return Task.CompletedTask;
        };
        var request = Request("mf", "objective", "logistic");
        var status = await federation.RunAsync(
            request with { LearnerOptions = request.LearnerOptions.SetItem("dims", dims.ToString(CultureInfo.InvariantCulture)), ServerOptimizer = request.ServerOptimizer with { Name = optimizer, Momentum = optimizer == "sgd" ? 0.5 : 0 } }, s_data);

        Assert.Equal(RunPhase.Completed, status.Phase);
        return (measured[LastRound] - measured[WarmRound]) / (double)(LastRound - WarmRound);
    }

    [Theory]
    [InlineData("ncf", "model", "neumf")]
    [InlineData("two-tower", "hidden-units", "8")]
    public async Task Dispose_OfASilo_ReleasesTheTensorsOfItsRuns(string learner, string option, string value)
    {
        TorchLoader.EnsureLoaded();
        var before = Tensor.TotalCount;
        await using (var federation = await TestFederation.StartAsync(1))
        {
            await federation.RunAsync(Request(learner, option, value), s_data);
            Assert.True(Tensor.TotalCount > before, "The run kept nothing that could be released.");
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    // 2,000 items in 16 dimensions: one sum of int64 takes at least 256 kB.
    private const long OneSumBytes = 2_000 * 16 * sizeof(long);

    private static readonly DataSpec s_data = new() { SyntheticUsers = 40, SyntheticItems = 2_000 };

    private static int RoundOf(IIncomingGrainCallContext call) => int.Parse(call.TargetId.Key.ToString()!.Split('/')[^1], CultureInfo.InvariantCulture);

    private static RunRequest Request(string learner, string option, string value)
    {
        var request = TestFederation.Request(rounds: LastRound);
        return request with
        {
            Learner = learner,
            LearnerOptions = request.LearnerOptions.SetItem("dims", "16").Add(option, value),
            Rounds = request.Rounds with { CohortSize = 10, PublishEvery = 1_000 },
        };
    }
}

[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;
