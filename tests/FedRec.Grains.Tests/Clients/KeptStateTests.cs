using System.Runtime.InteropServices;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Core.Snapshots;
using FedRec.Grains.Models;
using FedRec.Grains.Parties;
using Orleans.Core.Internal;
using ClientState = FedRec.Grains.Parties.ClientState;

namespace FedRec.Grains.Tests.Clients;

/// <summary>What a learner keeps with a client from round to round: the control variates of SCAFFOLD.</summary>
public sealed class KeptStateTests
{
    private const int Dims = 8;
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

    [Theory]
    [InlineData("")]
    [InlineData("topk=0.05,int8")]
    public async Task Run_ClientsReactivatedBetweenRounds_GoOnWithWhatTheyKept(string steps)
    {
        var request = WithSteps(steps);
        await using var undisturbed = await TestFederation.StartAsync(1);
        var expected = await undisturbed.RunAsync(request);
        await using var federation = await TestFederation.StartAsync(1);
        federation.Gate.Before = call => call.Request.GetArgumentCount() > 0 && call.Request.GetArgument(0) is RoundOrder { Round: 3 }
            ? ForgetAsync(federation, clients: [3, 14, 15]) : Task.CompletedTask;

        var status = await federation.RunAsync(request);

        Assert.Equal(expected.Sha256, status.Sha256);
    }

    [Theory]
    [InlineData("")]
    [InlineData("topk=0.05,int8")]
    public async Task Run_StopsMidWayAndGoesOnInAnotherCluster_GivesTheSameModel(string steps)
    {
        var request = WithSteps(steps);
        await using var undisturbed = await TestFederation.StartAsync(1);
        var expected = await undisturbed.RunAsync(request);
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        await using (var first = await TestFederation.StartAsync(1, states, models))
        {
            await first.StartRunAsync(request);
            await first.WaitForCheckpointAsync();
        }

        await using var second = await TestFederation.StartAsync(1, states, models);
        var status = await second.WaitAsync("test", "run-1");

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
    }

    [Fact]
    public async Task Run_WithTheLargestValuesOnly_SendsFewBytesAndAllOfThemAreCounted()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var all = await federation.RunAsync(WithSteps("clip=1000000"));

        var largest = await federation.RunAsync(WithSteps("topk=0.1,int8,zstd"));

        Assert.Equal((RunPhase.Completed, all.RoundsDone), (largest.Phase, largest.RoundsDone));
        Assert.All(all.Rounds.Zip(largest.Rounds), round => Assert.InRange((double)round.First.BytesUp / round.Second.BytesUp, 8.0, 40.0)); // a byte budget
        Assert.NotEqual(all.Sha256, largest.Sha256);
    }

    [Theory]
    [InlineData("")]
    [InlineData("topk=0.05,int8")]
    public async Task Run_AnUpdateThatIsNotCounted_IsAsIfTheClientHadNotTrained(string steps)
    {
        var request = WithSteps(steps) with { Rounds = WithSteps(steps).Rounds with { Deadline = TimeSpan.FromSeconds(2) } };
        await using var without = await TestFederation.StartAsync(1);
        without.Gate.Before = call => IsOfSeven(call) ? throw new InvalidOperationException("out of battery") : Task.CompletedTask;
        var expected = await without.RunAsync(request);
        await using var late = await TestFederation.StartAsync(1);
        var (others, wasKept) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), false);
        late.Gate.Before = call =>
        {
            switch (call.Request.GetArgumentCount() > 0 ? call.Request.GetArgument(0) : null)
            {
                case TrainOrder when IsOfSeven(call):
                    return others.Task; // it trains once a sum without it was sent,
                case PartialSum { Round: 2 } sum when sum.Clients.Contains(7):
                    wasKept = true; // what it proposes to keep is durable by now, and
                    call.Request.SetArgument(0, sum with { BaseVersion = 99 }); // it is not counted
                    break;
                case PartialSum { Round: 2 }:
                    others.TrySetResult();
                    break;
                default:
                    break;
            }

            return Task.CompletedTask;
        };

        var status = await late.RunAsync(request).WaitAsync(TimeSpan.FromMinutes(4));

        Assert.True(wasKept);
        Assert.Equal((59, 1), (status.Rounds[1].Participants, status.Rounds[1].Late));
        Assert.Equal(60, status.Rounds[2].Participants);
        Assert.Equal(expected.Sha256, status.Sha256);

        static bool IsOfSeven(IIncomingGrainCallContext call) => call.TargetId.Key.ToString() == "test/7" && call.Request.GetArgumentCount() > 0 && call.Request.GetArgument(0) is TrainOrder { Round: 2 };
    }

    [Fact]
    public async Task Train_AnOrderThatComesAfterItsRound_IsNotFollowed()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var status = await federation.RunAsync(s_scaffold);
        var run = federation.Grains.GetGrain<IRunGrain>("test/run-1");

        await Assert.ThrowsAsync<ArgumentException>(() => federation.Grains.GetGrain<IClientGrain>("test/7").TrainAsync(new TrainOrder("test/run-1", 2, 1)));
        await Assert.ThrowsAsync<ArgumentException>(() => run.HasCountedAsync(7, status.Rounds.Length + 1, 5)); // it has ended
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

    /// <summary>Σcᵢ = N·c, whatever became of updates: late, refused, rejected, of an abandoned round, undone by a crash.</summary>
    [Fact]
    public async Task Run_UpdatesLateRefusedRejectedAndUndone_ClientsKeepWhatTheServerHasCounted()
    {
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        var request = Scaffold() with { Rounds = new RoundSettings { Count = 9, Deadline = TimeSpan.FromSeconds(5), Quorum = 0.05 } };
        await using (var first = await TestFederation.StartAsync(1, states, models))
        {
            var crash = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var others = Enumerable.Range(0, 10).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
            var refusals = 1;
            first.Gate.Before = call =>
            {
                switch (call.Request.GetArgumentCount() > 0 ? call.Request.GetArgument(0) : null)
                {
                    case TrainOrder { Round: 2 or 4 } order when call.TargetId.Key.ToString() == "test/7":
                        return others[order.Round].Task; // it trains once a sum without it was sent
                    case PartialSum sum:
                        others[sum.Round].TrySetResult();
                        call.Request.SetArgument(0, Spoil(sum, ref refusals));
                        break;
                    default:
                        break;
                }

                return Task.CompletedTask;
            };
            first.Gate.After = call =>
            {
                if (call.Request.GetArgumentCount() > 0 && call.Request.GetArgument(0) is TrainOrder { Round: 7 })
                {
                    crash.TrySetResult(); // clients train for a round that is never counted, as were the abandoned ones before it
                }
            };
            await first.StartRunAsync(request);
            var ended = first.WaitAsync("test", "run-1");
            Assert.True(await Task.WhenAny(crash.Task, ended) == crash.Task, ended.IsCompleted ? $"{(await ended).Reason}: {string.Join("; ", (await ended).Rounds)}" : "");
        }

        await using var second = await TestFederation.StartAsync(2, states, models);
        var status = await second.WaitAsync("test", "run-1");

        Assert.Equal((RunPhase.Completed, 9), (status.Phase, status.Rounds.Length));
        Assert.True(status.Rounds[1].Late > 0 && status.Rounds[3].Rejected > 0);
        Assert.All(status.Rounds, round => Assert.Equal(0, round.Dropped)); // no client has thrown
        Assert.Equal(["Abandoned", "Committed", "Committed"], status.Rounds[4..7].Select(round => round.Phase)); // what was not stored is done again
        await AssertAddUpAsync(models, states, second, status);
    }

    /// <summary>What clients keep begins with nothing in every run, and so does what the server counts of it: also where the model does not.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("public")]
    public async Task Run_WarmStarted_BeginsWithoutControlVariates(string? from)
    {
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        await using var federation = await TestFederation.StartAsync(1, states, models);
        var first = await federation.RunAsync(s_scaffold with { Federation = from ?? "test" });
        var request = s_scaffold with { Seed = 2, WarmStart = first.Version, WarmStartFrom = from is null ? null : new WarmStartSource { Federation = from } };

        var second = await federation.RunAsync(request);

        Assert.Equal(RunPhase.Completed, second.Phase);
        await AssertAddUpAsync(models, states, federation, second);
    }

    [Fact]
    public async Task Run_WhoseCheckpointsAreLost_IsRepeatedWithoutWhatClientsKept()
    {
        await using var undisturbed = await TestFederation.StartAsync(1);
        var expected = await undisturbed.RunAsync(s_scaffold);
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        await using (var first = await TestFederation.StartAsync(1, states, models))
        {
            await first.StartRunAsync(s_scaffold);
            await first.WaitForCheckpointAsync();
        }

        await states.Checkpoints.DeleteAllAsync("test", "run-1");
        await using var second = await TestFederation.StartAsync(1, states, models);
        var status = await second.WaitAsync("test", "run-1");

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        await AssertAddUpAsync(models, states, second, status);
    }

    // Round 2 lacks a client whose sum cannot be sent in time; 3 refuses a sum at first; 4 rejects a client, 5 and 6 reject all.
    private static PartialSum Spoil(PartialSum sum, ref int refusals) => sum.Round switch
    {
        2 when sum.Clients.Contains(7) => throw new TimeoutException("the network is down"),
        3 when Interlocked.Decrement(ref refusals) >= 0 => sum with { BaseVersion = 99 },
        4 when sum.Clients.Contains(7) => Runs.DivergenceTests.Rejected(sum),
        5 or 6 => Runs.DivergenceTests.Rejected(sum),
        7 => throw new TimeoutException("the network is down again, until the crash"),
        _ => sum,
    };

    private static ReadOnlyMemory<byte> Settled(KeptState kept, int client, RoundRecord last) =>
        new KeptStates(kept.Round, kept.Before, kept.After).For(kept.Round + 1, last.Phase == "Committed" && !last.Missing.Contains(client));

    private static async Task AssertAddUpAsync(MemoryModelStore models, SurvivingStorage states, TestFederation federation, RunStatus status)
    {
        var controls = Safetensors.Read(await models.LoadContentAsync("test", ModelFiles.Tensors, status.Version, status.Sha256)).Values[(50 * Dims)..];
        var kept = Enumerable.Range(0, 60).Select(client => states.Read<ClientState>("client", $"client/test/{client}", federation.Serializer).Kept!).ToArray();
        Assert.All(kept, one => Assert.Equal($"test/{status.RunId}", one.RunKey));
        AssertAddUp(controls.Span, [.. kept.Select((one, client) => Settled(one, client, status.Rounds[one.Round - 1]))]);
    }

    // Control variates as a client keeps them: a mark, dims, number of rows, their items, their values.
    private static void AssertAddUp(ReadOnlySpan<float> mean, IReadOnlyList<ReadOnlyMemory<byte>> states)
    {
        var sum = new float[mean.Length];
        foreach (var state in states.Where(state => !state.IsEmpty))
        {
            var numbers = MemoryMarshal.Cast<byte, int>(state.Span);
            var items = numbers.Slice(3, numbers[2]);
            var values = MemoryMarshal.Cast<int, float>(numbers[(3 + numbers[2])..]);
            for (var row = 0; row < items.Length; row++)
            {
                for (var d = 0; d < Dims; d++)
                {
                    sum[(items[row] * Dims) + d] += values[(row * Dims) + d];
                }
            }
        }

        for (var i = 0; i < sum.Length; i++)
        {
            Assert.Equal(states.Count * mean[i], sum[i], 1e-3f);
        }

        Assert.True(sum.Max() > 0.01f); // there are control variates
    }

    private static Task ForgetAsync(TestFederation federation, params int[] clients) => Task.WhenAll(
        clients.Select(client => federation.Grains.GetGrain<IClientGrain>($"test/{client}").Cast<IGrainManagementExtension>().DeactivateOnIdle().AsTask()));

    // Without steps, control variates: what a learner keeps, and what a step does.
    private static RunRequest WithSteps(string steps) => steps.Length == 0 ? s_scaffold : s_scaffold with
    {
        LearnerOptions = s_scaffold.LearnerOptions.Remove("scaffold"),
        Rounds = s_scaffold.Rounds with { Steps = steps },
    };

    private static RunRequest Scaffold()
    {
        var request = TestFederation.Request(rounds: 5);
        return request with { LearnerOptions = request.LearnerOptions.Add("objective", "logistic").Add("scaffold", "on") };
    }
}
