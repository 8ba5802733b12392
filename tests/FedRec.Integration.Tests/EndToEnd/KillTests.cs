using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FedRec.Cli;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>The process ends in the middle of a round; the same command, given again, goes on and comes to the same model.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class KillTests(UndisturbedRun undisturbed)
{
    [Fact]
    public async Task Simulate_KilledMidRound_GoesOnFromTheLastCheckpoint()
    {
        await using var home = new FedRecHome();
        var killed = home.Start(UndisturbedRun.Line);
        await killed.WaitForAsync("round 8/20"); // a checkpoint is that of round 5; round 6 is stored, but not its sum
        await killed.KillAsync();

        var again = await home.RunAsync(UndisturbedRun.Line);

        AssertWentOn(again, from: [5, 10, 15]);
        AssertSameModel(again.Json);
    }

    [Fact]
    public async Task Simulate_KilledInTheFirstRounds_StartsTheSameRunAgain()
    {
        await using var home = new FedRecHome();
        var killed = home.Start(UndisturbedRun.Line);
        await killed.WaitForAsync("hr@10"); // the untrained model is evaluated, then round 1 begins
        await killed.KillAsync();

        var again = await home.RunAsync(UndisturbedRun.Line);

        AssertWentOn(again, from: [0, 5]);
        AssertSameModel(again.Json);
    }

    [Fact]
    public async Task Simulate_EndedByTheMachine_IsNotFailedAndGoesOn()
    {
        await using var home = new FedRecHome();
        var ended = home.Start(UndisturbedRun.Line);
        await ended.WaitForAsync("round 7/20");
        ended.Signal("TERM");
        var code = await ended.ExitAsync();
        await home.EmulatorGoneAsync();

        var again = await home.RunAsync(UndisturbedRun.Line);

        Assert.Equal(ExitCode.Terminated, code);
        Assert.True(ended.Error.Contains("run-1 stays unfinished", StringComparison.Ordinal), ended.Error);
        AssertWentOn(again, from: [5, 10, 15]);
        AssertSameModel(again.Json);
    }

    [Fact]
    public async Task Simulate_EndedByItsUser_KeepsWhatItTrainedAndStopsTheRun()
    {
        await using var home = new FedRecHome();
        var ended = home.Start(UndisturbedRun.Line);
        await ended.WaitForAsync("round 7/20");
        ended.Signal("INT");
        var code = await ended.ExitAsync();
        await home.EmulatorGoneAsync();

        var models = (await home.RunAsync("model", "list", "--format", "json")).Json;

        Assert.Equal(ExitCode.Cancelled, code);
        Assert.Equal("", ended.Out.Trim());
        var rounds = models.GetProperty("versions").EnumerateArray().Select(version => version.GetProperty("round").GetInt32()).ToList();
        Assert.InRange(Assert.Single(rounds), 7, 20); // the round in which it was stopped
        Assert.Equal(1, models.GetProperty("serving").GetInt64());
    }

    // Checkpoints are stored after every fifth round. By the time the command is answered, the run that goes on by itself may have done more of them.
    private static void AssertWentOn(FedRecProcess again, int[] from)
    {
        Assert.Matches(@"Run run-1 with the same settings is at round \d+ of 20; it goes on", again.Error);
        var rounds = Regex.Matches(again.Error, @"round (\d+)/20  loss").Select(line => int.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture)).ToList();
        Assert.Contains(rounds[0] - 1, from);
        Assert.Equal(Enumerable.Range(rounds[0], 21 - rounds[0]), rounds);
    }

    private void AssertSameModel(JsonElement report)
    {
        Assert.Equal("run-1", report.GetProperty("runs")[0].GetProperty("runId").GetString());
        Assert.Equal("Completed", report.GetProperty("runs")[0].GetProperty("phase").GetString());
        Assert.Equal(20, report.GetProperty("rounds").GetInt32());
        Assert.Equal(undisturbed.Sha256, report.GetProperty("model").GetProperty("sha256").GetString());
        Assert.Equal(undisturbed.Participants, report.GetProperty("participants").GetInt64());
    }
}
