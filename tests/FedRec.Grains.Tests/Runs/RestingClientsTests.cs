using System.Collections.Concurrent;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Grains.Runs;

namespace FedRec.Grains.Tests.Runs;

/// <summary>A client that fails again and again is left alone for some rounds; a deadline that follows what was seen stays within its bounds.</summary>
public sealed class RestingClientsTests
{
    [Theory]
    [InlineData(null, "1 2 3 14 15")]
    [InlineData(1, "1 12")]
    [InlineData(0, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15")]
    public async Task Run_WithAClientThatAlwaysFails_LeavesItAloneForTenRounds(int? budget, string rounds)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var asked = new ConcurrentDictionary<int, bool>();
        federation.Gate.Before = call =>
        {
            if (call.ImplementationMethod.Name != nameof(IClientGrain.TrainAsync) || call.TargetId.Key.ToString() != "test/3")
            {
                return Task.CompletedTask;
            }

            asked[((TrainOrder)call.Request.GetArgument(0)!).Round] = true;
            throw new OrleansException("gone");
        };

        var status = await federation.RunAsync(TestFederation.Request() with { Rounds = new RoundSettings { Count = 15, ErrorBudget = budget } });

        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.Equal(rounds, string.Join(' ', asked.Keys.Order()));
        Assert.All(status.Rounds, round => Assert.Equal(
            asked.ContainsKey(round.Round) ? (60, 59, 1, 0) : (59, 59, 0, 1), (round.Asked, round.Participants, round.Dropped, round.Resting)));
    }

    // A failure now and then is no reason: the budget is of failures in a row.
    [Fact]
    public async Task Run_WithAClientThatFailsNowAndThen_KeepsAskingIt()
    {
        await using var federation = await TestFederation.StartAsync(1);
        federation.Gate.Before = call => call.ImplementationMethod.Name == nameof(IClientGrain.TrainAsync) && call.TargetId.Key.ToString() == "test/3"
            && ((TrainOrder)call.Request.GetArgument(0)!).Round % 2 == 0 ? throw new OrleansException("gone") : Task.CompletedTask;

        var status = await federation.RunAsync(TestFederation.Request() with { Rounds = new RoundSettings { Count = 8, ErrorBudget = 2 } });

        Assert.Equal([1, 0, 1, 0, 1, 0, 1, 0], status.Rounds.Select(round => 1 - round.Dropped));
        Assert.All(status.Rounds, round => Assert.Equal(0, round.Resting));
    }

    [Theory]
    [InlineData("", 60)] // nothing seen
    [InlineData("0.1 0.1", 1)] // never below a second
    [InlineData("2 1 0.5", 6)]
    [InlineData("50", 60)] // never above the run's own
    [InlineData("9 1 1 1 1 1 1 1 1 1 1", 3)] // the slow round is eleven rounds ago
    public void Of_WhatWasSeen_IsThreeTimesItWithinBounds(string seconds, double expected)
    {
        RoundRecord[] rounds = [.. seconds.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => new RoundRecord { AnswerSeconds = double.Parse(text, System.Globalization.CultureInfo.InvariantCulture) })];

        Assert.Equal(TimeSpan.FromSeconds(expected), AdaptiveDeadline.Of(TimeSpan.FromMinutes(1), rounds));
    }

    // The client that never answers costs the first round its whole deadline, and each one after it a second.
    [Fact]
    public async Task Run_WithAnAdaptiveDeadline_WaitsForAHungClientNoLongerThanTheOthersTook()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var hung = new Hold();
        federation.Gate.Before = call => call.ImplementationMethod.Name == nameof(IClientGrain.TrainAsync) && call.TargetId.Key.ToString() == "test/3" ? hung.PassAsync() : Task.CompletedTask;
        var rounds = new RoundSettings { Count = 3, VirtualTime = false, AdaptiveDeadline = true, Deadline = TimeSpan.FromSeconds(6) };

        var receipt = await federation.StartRunAsync(TestFederation.Request() with { Rounds = rounds });
        await Waiting.UntilAsync(async () => await federation.Grains.GetGrain<IRunGrain>("test/run-1").GetStatusAsync() is { RoundsDone: 3 });
        hung.Release(); // it is evaluated like the others
        var status = await federation.WaitAsync("test", receipt.RunId);

        Assert.Equal(RunPhase.Completed, status.Phase);
        Assert.Equal(6, status.Rounds[0].DeadlineSeconds);
        Assert.All(status.Rounds.Skip(1), round => Assert.InRange(round.DeadlineSeconds, 1, 5.99));
        Assert.All(status.Rounds, round => Assert.Equal((59, 1), (round.Participants, round.Late)));
        Assert.All(status.Rounds, round => Assert.True(round.AnswerSeconds > 0));
    }

    [Fact]
    public async Task Start_AnAdaptiveDeadlineInVirtualTime_IsRefused()
    {
        await using var federation = await TestFederation.StartAsync(1);

        var receipt = await federation.StartRunAsync(TestFederation.Request() with { Rounds = new RoundSettings { Count = 3, AdaptiveDeadline = true } });

        Assert.Equal((RunOutcome.Invalid, true), (receipt.Outcome, receipt.Message!.Contains("adaptive-deadline is True; it must be left out in virtual time", StringComparison.Ordinal)));
    }
}
