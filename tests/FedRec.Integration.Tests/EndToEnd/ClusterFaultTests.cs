using System.Diagnostics;
using System.Globalization;
using System.Net;
using Xunit.Abstractions;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>Faults in a cluster of processes: a silo hangs and comes back, the store is away, everything is killed, the processors are busy. Every run ends at the model of the
/// undisturbed one, and nothing that was seen from outside on the way is wrong.</summary>
[Collection(ServedCollection.Name)]
public sealed class ClusterFaultTests(FaultedCluster cluster, ITestOutputHelper output) : IClassFixture<FaultedCluster>
{
    private const int InTheMiddle = 10;
    private static readonly TimeSpan s_away = TimeSpan.FromSeconds(ChaosFactAttribute.Length > TimeSpan.Zero ? 60 : 20); // far longer than a silo may be silent

    // One of the two drives the run. A silo that hangs is voted out and comes back with what it held: it is the other coordinator then, and what it writes is refused.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Silo_ThatHangsAndComesBack_ChangesNothing(int silo)
    {
        var history = await cluster.BeginAsync($"hang-{silo}", keeps: true);
        var before = await history.UntilAsync(look => look.RoundsDone >= InTheMiddle);
        var process = await cluster.MemberAsync(silo);

        FaultedCluster.Signal("STOP", process);
        try
        {
            await history.UntilAsync(look => look.RoundsDone >= before.RoundsDone + 5); // the other one goes on
        }
        finally
        {
            FaultedCluster.Signal("CONT", process);
        }

        await cluster.AssertSameAsync(history, cluster.Keeping);
        await cluster.EndAsync(silo, process); // it has heard of its end
        await cluster.MemberAsync(silo);
        Tell($"silo {silo} hung", history);
    }

    // One of the two drives the run. How long it stands still is printed, and small against the minute of a reminder.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Silo_ThatIsKilled_ChangesNothing(int silo)
    {
        var history = await cluster.BeginAsync($"kill-{silo}");
        await history.UntilAsync(look => look.RoundsDone >= InTheMiddle);
        var process = await cluster.MemberAsync(silo);

        FaultedCluster.Signal("KILL", process);

        await cluster.AssertSameAsync(history, cluster.Plain);
        await cluster.EndAsync(silo, process);
        await cluster.MemberAsync(silo);
        Tell($"silo {silo} was killed", history);
        Assert.True(RunHistory.LongestGap(history.Looks) < TimeSpan.FromSeconds(30), "It went on by its reminder only.");
    }

    // A client that cannot store what it keeps counts as one that has failed, so these keep nothing.
    [Fact]
    public async Task Store_ThatHangsAndIsKilled_StallsTheRunWithAReason_ServingGoesOn_AndSoDoesTheRun()
    {
        var served = await cluster.RecommendAsync();
        var history = await cluster.BeginAsync("away");
        await history.UntilAsync(look => look.RoundsDone >= InTheMiddle);
        var emulator = await cluster.EmulatorAsync();

        FaultedCluster.Signal("STOP", emulator);
        var refusal = await RefusalAsync();
        var meanwhile = await cluster.RecommendAsync();
        var said = cluster.Up.Error.Length;
        FaultedCluster.Signal("KILL", emulator); // it is started again with its data
        await cluster.Up.WaitForAsync("The store answers again.", after: said);

        Assert.Contains("does not answer", refusal, StringComparison.Ordinal);
        Assert.Equal(served, meanwhile); // the last good version
        await cluster.AssertSameAsync(history, cluster.Plain);
        Assert.NotEqual(emulator, await cluster.EmulatorAsync());
        Tell("the store was away", history);
    }

    [Fact]
    public async Task Everything_KilledAndStartedAgain_GoesOn()
    {
        var history = await cluster.BeginAsync("restart", keeps: true);
        await history.UntilAsync(look => look.RoundsDone >= InTheMiddle);

        await cluster.Up.KillAsync();
        await cluster.UpAsync();

        await cluster.AssertSameAsync(history, cluster.Keeping);
        Tell("everything was killed", history);
    }

    // The table of members is in it too: silos that cannot read it go by each other.
    [Fact]
    public async Task Store_AwayForLong_ServingGoesOn_AndNoSiloIsTakenForLost()
    {
        var served = await cluster.RecommendAsync();
        int[] before = [await cluster.MemberAsync(1), await cluster.MemberAsync(2)];
        var (emulator, since, lists) = (await cluster.EmulatorAsync(), Stopwatch.GetTimestamp(), new List<string>());

        FaultedCluster.Signal("STOP", emulator);
        try
        {
            using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
            while (Stopwatch.GetElapsedTime(since) < s_away && await again.WaitForNextTickAsync())
            {
                lists.Add(await cluster.RecommendAsync().WaitAsync(TimeSpan.FromSeconds(5)));
            }
        }
        finally
        {
            FaultedCluster.Signal("CONT", emulator);
        }

        Assert.All(lists, list => Assert.Equal(served, list));
        await cluster.AssertSameAsync(await cluster.BeginAsync("after"), cluster.Plain);
        Assert.Equal(before, new[] { cluster.ProcessOf(1), cluster.ProcessOf(2) });
        Assert.All(before, process => Assert.DoesNotContain($"(process {process}) has ended", cluster.Up.Error, StringComparison.Ordinal));
        output.WriteLine($"{lists.Count} lists in {s_away.TotalSeconds} s without a store");
    }

    // Numbers of a version become no numbers on the disk, which silos find out when they read it again.
    [Fact]
    public async Task VersionInUse_DamagedInTheStore_IsNotServed_TheOneBeforeIs_AndTheLogSaysSo()
    {
        foreach (var rounds in new[] { 6, 8 })
        {
            Assert.Equal("Completed", (await (await FaultedCluster.BeginAsync(cluster.Web, "damage", rounds: rounds)).EndAsync()).Phase);
        }

        await UntilServedAsync(list => list.Contains("\"version\":2", StringComparison.Ordinal));
        var first = await cluster.Web.GetStringAsync("api/v1/recommendations/u1?federation=damage&version=1");
        cluster.Damage(await cluster.Web.GetByteArrayAsync("api/v1/models/2/content?federation=damage"));
        int[] processes = [await cluster.MemberAsync(1), await cluster.MemberAsync(2)];
        foreach (var process in processes)
        {
            FaultedCluster.Signal("KILL", process);
        }

        await Task.WhenAll(processes.Select((process, i) => cluster.EndAsync(i + 1, process)));
        var alert = cluster.Up.WaitForAsync("Version 2 of damage, which is in use, is damaged in the store; version 1 answers in its place");
        var served = await UntilServedAsync(_ => true);

        Assert.Equal(first, served); // and so no number is none
        await alert;
        using var asked = await cluster.Web.GetAsync("api/v1/recommendations/u1?federation=damage&version=2");
        Assert.False(asked.IsSuccessStatusCode, await asked.Content.ReadAsStringAsync());
    }

    private async Task<string> UntilServedAsync(Func<string, bool> isAwaited)
    {
        using var limit = new CancellationTokenSource(FedRecProcess.Limit);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await again.WaitForNextTickAsync(limit.Token)) // the version is about to be in use, or silos to come back
        {
            using var answer = await cluster.Web.GetAsync("api/v1/recommendations/u1?federation=damage", limit.Token);
            if (answer.IsSuccessStatusCode && await answer.Content.ReadAsStringAsync(limit.Token) is var list && isAwaited(list))
            {
                return list;
            }
        }

        throw new TimeoutException();
    }

    [Fact]
    public async Task Silos_WhileEveryProcessorIsBusy_AreNotTakenForLost()
    {
        int[] before = [await cluster.MemberAsync(1), await cluster.MemberAsync(2)];
        var busy = Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => Process.Start("sh", ["-c", "while :; do :; done"])).ToList();
        try
        {
            await cluster.AssertSameAsync(await cluster.BeginAsync("busy"), cluster.Plain);
        }
        finally
        {
            foreach (var one in busy)
            {
                one.Kill();
                one.Dispose();
            }
        }

        Assert.Equal(before, new[] { cluster.ProcessOf(1), cluster.ProcessOf(2) });
        Assert.All(before, process => Assert.DoesNotContain($"(process {process}) has ended", cluster.Up.Error, StringComparison.Ordinal));
    }

    /// <summary>Run after run under random faults. <c>FEDREC_CHAOS_MINUTES</c> says how long, <c>FEDREC_CHAOS_SEED</c> which faults, and <c>FEDREC_CHAOS_FAULTS</c> of which kinds (all: 01234).</summary>
    [ChaosFact]
    public async Task Runs_UnderRandomFaults_AllEndAtTheUndisturbedModel()
    {
        try
        {
            await RunOnAndOnAsync();
        }
        catch
        {
            output.WriteLine(cluster.Up.Error[^Math.Min(cluster.Up.Error.Length, 200_000)..]);
            throw;
        }
    }

    private async Task RunOnAndOnAsync()
    {
        var kinds = Environment.GetEnvironmentVariable("FEDREC_CHAOS_FAULTS") ?? "01234";
        var seed = int.Parse(Environment.GetEnvironmentVariable("FEDREC_CHAOS_SEED") ?? "1", CultureInfo.InvariantCulture);
        var (random, since, number) = (new Random(seed), Stopwatch.GetTimestamp(), 0);
        while (Stopwatch.GetElapsedTime(since) < ChaosFactAttribute.Length)
        {
            var history = await cluster.BeginAsync($"chaos-{++number}");
            for (var from = random.Next(1, 20); from < FaultedCluster.Rounds - 10; from += random.Next(10, 40))
            {
                await history.UntilAsync(look => look.RoundsDone >= from || look.Phase == "Completed", cluster.Web);
                var fault = await PutInAsync(kinds[random.Next(kinds.Length)] - '0', random);
                output.WriteLine($"run {number}, round {from}: {fault}");
            }

            await cluster.AssertSameAsync(history, cluster.Plain);
            Tell($"run {number}", history);
        }

        output.WriteLine($"{number} runs, seed {seed}");
    }

    private async Task<string> PutInAsync(int kind, Random random)
    {
        var silo = random.Next(1, 3);
        var process = await cluster.MemberAsync(silo);
        var pause = TimeSpan.FromSeconds(random.Next(1, 15));
        switch (kind)
        {
            case 0:
                FaultedCluster.Signal("KILL", process);
                await cluster.EndAsync(silo, process);
                return $"silo {silo} killed";
            case 1:
                FaultedCluster.Signal("STOP", process);
                await Task.Delay(pause);
                FaultedCluster.Signal("CONT", process);
                return $"silo {silo} hung for {pause.TotalSeconds} s";
            case 2:
                FaultedCluster.Signal("KILL", await cluster.EmulatorAsync());
                return "store killed";
            case 3:
                var emulator = await cluster.EmulatorAsync();
                FaultedCluster.Signal("STOP", emulator);
                await Task.Delay(pause);
                FaultedCluster.Signal("CONT", emulator); // one that was away for long is another one by now
                return $"store hung for {pause.TotalSeconds} s";
            default:
                await cluster.Up.KillAsync();
                await cluster.UpAsync();
                return "everything killed";
        }
    }

    // Asked again and again for a change, until it is refused.
    private async Task<string> RefusalAsync()
    {
        using var limit = new CancellationTokenSource(FedRecProcess.Limit);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await again.WaitForNextTickAsync(limit.Token))
        {
            using var ready = await cluster.Web.GetAsync("health/ready", limit.Token);
            if (ready.StatusCode is HttpStatusCode.ServiceUnavailable && await ready.Content.ReadAsStringAsync(limit.Token) is var text && text.Contains("store", StringComparison.OrdinalIgnoreCase))
            {
                using var changed = await cluster.Web.PostAsync("api/v1/models/rollback?federation=plain", null, limit.Token);
                Assert.Equal(HttpStatusCode.ServiceUnavailable, changed.StatusCode);
                return await changed.Content.ReadAsStringAsync(limit.Token);
            }
        }

        throw new TimeoutException();
    }

    private void Tell(string what, RunHistory history) =>
        output.WriteLine($"{what}: {history.Looks.Count} looks, longest time without another round {RunHistory.LongestGap(history.Looks).TotalSeconds:0.0} s");
}

/// <summary>A test that takes as long as it is told to.</summary>
public sealed class ChaosFactAttribute : FactAttribute
{
    public ChaosFactAttribute()
    {
        if (Length == TimeSpan.Zero)
        {
            Skip = "Random faults on demand: FEDREC_CHAOS_MINUTES=30.";
        }
    }

    /// <summary>How long faults are put in.</summary>
    public static TimeSpan Length { get; } = TimeSpan.FromMinutes(double.Parse(Environment.GetEnvironmentVariable("FEDREC_CHAOS_MINUTES") ?? "0", CultureInfo.InvariantCulture));
}
