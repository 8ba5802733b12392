using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Models;

namespace FedRec.Grains.Tests.Runs;

/// <summary>Two activations of a run, which neither knows of the other: one store tells which of them wins. Two clusters over one store are as far apart as two silos can be.</summary>
public sealed class TwoCoordinatorsTests
{
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    // The first is held in its third round, as a process that hangs; the second finds the run unfinished and takes it to its end.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task First_ThatComesBackAfterTheSecondHasEndedTheRun_ChangesNothing(bool keeps)
    {
        var expected = await UndisturbedAsync(Request(keeps));
        await using var first = await StartAsync();
        var hold = await first.HoldInRoundAsync(Request(keeps), fromRound: 3);
        await using var second = await StartAsync();
        var ended = await second.WaitAsync("test", "run-1");
        await second.WaitUntilIdleAsync();
        Assert.Empty(_states.Conflicts);
        var stored = Stored();

        hold.Release();
        var seen = await EndAsync(first);

        AssertSame(expected, ended);
        AssertSame(ended, seen);
        Assert.NotEmpty(_states.Conflicts); // it has tried
        Assert.Equal(stored, Stored());
        AssertOneVersion(second);
    }

    // Both at once, to and fro: whose write is refused reads again, and goes on from there.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Both_DrivingAtOnce_EndAtTheUndisturbedModel(int held)
    {
        var request = Request(keeps: false) with { Rounds = new RoundSettings { Count = 12, CohortSize = 25, Dropout = 0.1 } };
        var expected = await UndisturbedAsync(request);
        await using var first = await StartAsync();
        var hold = await first.HoldInRoundAsync(request, fromRound: held);
        await using var second = await StartAsync();
        var driven = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        second.Gate.Before = call =>
        {
            if (call.ImplementationMethod.Name == nameof(IClientGrain.TrainAsync) && ((TrainOrder)call.Request.GetArgument(0)!).Round > held)
            {
                hold.Release(); // the second is a round ahead by now
                driven.TrySetResult();
            }

            return Task.CompletedTask;
        };

        var other = EndAsync(second);
        await Task.WhenAny(driven.Task, other);
        hold.Release(); // the second may have been done before anybody looked
        var one = await EndAsync(first);

        AssertSame(expected, one);
        AssertSame(expected, await other);
        Assert.NotEmpty(_states.Conflicts);
        AssertOneVersion(first);
    }

    // A store that goes back brings earlier ETags back too: whoever had read them may write again, and whoever drives the run is the one who may not. Either way it is one history.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Store_ThatGoesBackWhileTheRunIsDriven_EndsAtTheUndisturbedModel(bool withAFormerDriver)
    {
        var request = Request(keeps: false) with { Rounds = new RoundSettings { Count = 8 } };
        var expected = await UndisturbedAsync(request);
        await using var former = await StartAsync();
        var hold = await former.HoldInRoundAsync(request, fromRound: 3);
        var back = _states.Remember();
        await using var later = await StartAsync();
        var gone = 0;
        later.Gate.Before = call =>
        {
            if (call.ImplementationMethod.Name == nameof(IClientGrain.TrainAsync) && ((TrainOrder)call.Request.GetArgument(0)!).Round == 6 && Interlocked.Exchange(ref gone, 1) == 0)
            {
                back(); // what rounds 3 to 5 have stored is lost, and the attempt that began with them
                if (withAFormerDriver)
                {
                    hold.Release(); // whose ETags are the present ones again
                }
            }

            return Task.CompletedTask;
        };

        AssertSame(expected, await EndAsync(later));
        hold.Release();
        AssertSame(expected, await EndAsync(former));
        Assert.NotEmpty(_states.Conflicts);
        AssertOneVersion(later);
    }

    private static RunRequest Request(bool keeps)
    {
        var request = TestFederation.Request(rounds: 6);
        return request with { LearnerOptions = request.LearnerOptions.Add("objective", "logistic").Add("scaffold", keeps ? "on" : "off") };
    }

    private static async Task<RunStatus> UndisturbedAsync(RunRequest request)
    {
        await using var federation = await TestFederation.StartAsync(1);
        return await federation.RunAsync(request);
    }

    private Task<TestFederation> StartAsync() => TestFederation.StartAsync(1, _states, _models);

    // The run, its log and the version, as they are stored.
    private string Stored() => string.Join('\n', _states.Stored.Where(one => one.Key.StartsWith("run-", StringComparison.Ordinal) || one.Key.StartsWith("model-", StringComparison.Ordinal))
        .OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}: {Convert.ToHexString(one.Value)}"));

    private void AssertOneVersion(TestFederation federation)
    {
        var pointer = _states.Read<ModelState>("model", "model/test", federation.Serializer);
        Assert.Equal((1L, 1L, 1), (pointer.Latest, pointer.Serving, pointer.Versions.Length));
    }

    // An activation that is dropped forgets its events: whoever waits asks anew.
    private static async Task<RunStatus> EndAsync(TestFederation federation)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var run = federation.Grains.GetGrain<IRunGrain>("test/run-1");
        while (true)
        {
            try
            {
                if (await run.GetStatusAsync(limit.Token) is { Phase: RunPhase.Completed or RunPhase.Failed } status)
                {
                    return status;
                }
            }
            catch (Exception exception) when (exception is OrleansException or InvalidOperationException)
            {
                // It is being dropped.
            }

            await Task.Delay(20, limit.Token);
        }
    }

    private static void AssertSame(RunStatus expected, RunStatus actual)
    {
        Assert.True(actual.Phase == RunPhase.Completed, actual.Reason);
        Assert.Equal(expected.Sha256, actual.Sha256);
        Assert.Equal(expected.Rounds.Select(Told), actual.Rounds.Select(Told));
        static (int, string, int, int, double?) Told(RoundRecord round) => (round.Round, round.Phase, round.Participants, round.Dropped, round.StepNorm);
    }
}
