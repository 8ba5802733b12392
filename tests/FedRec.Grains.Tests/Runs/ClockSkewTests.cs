using FedRec.Contracts.Clients;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FedRec.Grains.Tests.Runs;

/// <summary>The clock of one silo is five minutes off. Deadlines and pauses go by time that has passed, never by the time of day or by another silo's clock: no round closes early, none is waited for longer.</summary>
public sealed class ClockSkewTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2); // a wait for the clock would be longer

    [Theory]
    [InlineData(+5)]
    [InlineData(-5)]
    public async Task Run_WhoseSiloIsLostInARound_GoesOnByTheOtherClock_ToTheSameModel(int minutes)
    {
        var expected = await UndisturbedAsync(Request());
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        await using (var lost = await TestFederation.StartAsync(1, states, models))
        {
            await lost.LoseInRoundThreeAsync(Request());
        }

        await using var federation = await TestFederation.StartAsync(1, states, models, silo => Skew(silo, minutes));
        var status = await federation.WaitAsync("test", "run-1").WaitAsync(s_patience);

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.All(status.Rounds, round => Assert.Equal((60, 0, 0), (round.Participants, round.Dropped, round.Late)));
    }

    // One is five minutes behind the other, either of them. (One that is ahead of itself cannot be: part of Orleans takes the time from the system.)
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Round_WithAClientThatAnswersLate_WaitsForItUntilTheDeadline(int behind)
    {
        var expected = await UndisturbedAsync(Request());
        var started = 0;
        await using var federation = await TestFederation.StartAsync(2, configure: silo =>
        {
            if (Interlocked.Increment(ref started) == behind)
            {
                Skew(silo, minutes: -5); // whichever has the run
            }
        });
        var hold = new Hold();
        var others = 0;
        federation.Gate.Before = call => call.ImplementationMethod.Name != nameof(IClientGrain.TrainAsync) || ((TrainOrder)call.Request.GetArgument(0)!).Round != 2 ? Task.CompletedTask
            : call.TargetId.Key.ToString() == "test/7" ? hold.PassAsync()
            : Interlocked.Increment(ref others) == 59 ? ReleaseAsync(hold) : Task.CompletedTask;

        var status = await federation.RunAsync(Request()).WaitAsync(s_patience);

        Assert.Equal((RunPhase.Completed, expected.Sha256), (status.Phase, status.Sha256));
        Assert.All(status.Rounds, round => Assert.Equal((60, 0, 0), (round.Participants, round.Dropped, round.Late)));
    }

    private static async Task ReleaseAsync(Hold hold)
    {
        await hold.Reached;
        hold.Release();
    }

    private static RunRequest Request()
    {
        var request = TestFederation.Request(rounds: 6);
        return request with { LearnerOptions = request.LearnerOptions.Add("objective", "logistic"), Rounds = request.Rounds with { VirtualTime = false, Deadline = TimeSpan.FromMinutes(1) } };
    }

    private static async Task<RunStatus> UndisturbedAsync(RunRequest request)
    {
        await using var federation = await TestFederation.StartAsync(1);
        return await federation.RunAsync(request);
    }

    private static void Skew(ISiloBuilder silo, int minutes) => silo.Services.RemoveAll<TimeProvider>().AddSingleton<TimeProvider>(new SkewedTime(TimeSpan.FromMinutes(minutes)));

    /// <summary>A clock that is off; time that passes is right.</summary>
    private sealed class SkewedTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
