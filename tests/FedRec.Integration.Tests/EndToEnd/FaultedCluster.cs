using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using FedRec.Hosting.Azurite;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>One cluster of processes for all faults: two silos, the process that has the store, and the emulator. A run that nothing disturbs is what the others are compared with.</summary>
public sealed partial class FaultedCluster : IAsyncLifetime, IDisposable
{
    internal const int Rounds = 60;

    // With SCAFFOLD clients keep control variates, which come to other bytes when one keeps what no round has counted, or the other way round.
    private const string Body = """
        {"federation":"FEDERATION","learner":"mf","learnerOptions":{"dims":"4","objective":"logistic","epochs":"60","scaffold":"SCAFFOLD"},
         "rounds":{"count":ROUNDS,"publishEvery":4,"cohortSize":60,"dropout":0.05,"deadline":"00:05:00"},"seed":3}
        """;

#pragma warning disable CA1001, CA2213 // closed in DisposeAsync
    private readonly FedRecHome _home = new();
#pragma warning restore CA1001, CA2213

    internal FedRecProcess Up { get; private set; } = null!;

    internal HttpClient Web { get; private set; } = null!;

    /// <summary>The end of the undisturbed run whose clients keep something from round to round.</summary>
    internal Look Keeping { get; private set; } = null!;

    /// <summary>The end of the one whose clients keep nothing.</summary>
    internal Look Plain { get; private set; } = null!;

    /// <summary>The last process of a silo, by its number from 1, that was a member.</summary>
    internal int ProcessOf(int silo) => Member().Matches(Up.Error).LastOrDefault(match => match.Groups[1].Value == $"{silo}") is { } member
        ? int.Parse(member.Groups[2].Value, CultureInfo.InvariantCulture)
        : Up.Json.GetProperty("silos").EnumerateArray().Single(one => one.GetProperty("number").GetInt32() == silo).GetProperty("processId").GetInt32();

    /// <summary>The process of a silo that is a member; waits for one that was lost and is about to come back.</summary>
    internal async Task<int> MemberAsync(int silo)
    {
        while (Up.Error.LastIndexOf(Ended(silo, ProcessOf(silo)), StringComparison.Ordinal) is >= 0 and var ended)
        {
            await Up.WaitForAsync($"Silo {silo} is a member again", after: ended);
        }

        return ProcessOf(silo);
    }

    /// <summary>Waits until it is known that a silo's process has ended.</summary>
    internal Task EndAsync(int silo, int process) => Up.WaitForAsync(Ended(silo, process));

    private static string Ended(int silo, int process) => $"Silo {silo} (process {process}) has ended";

    public async Task InitializeAsync()
    {
        await UpAsync();
        Keeping = await (await BeginAsync("keeping", keeps: true)).EndAsync();
        Plain = await (await BeginAsync("plain")).EndAsync();
        Assert.All([Keeping, Plain], end => Assert.True(end is { Phase: "Completed", RoundsDone: Rounds }, $"{end.Phase} after {end.RoundsDone} rounds: {end.Reason}\n{Up.Error}"));
    }

    public async Task DisposeAsync()
    {
        Dispose();
        await _home.DisposeAsync();
    }

    public void Dispose() => Web.Dispose();

    /// <summary>Starts the cluster, again.</summary>
    internal async Task UpAsync()
    {
        Web?.Dispose();
        Up = _home.Start("up", "--silos", "2", "--port", "0", "--format", "json", "--verbose");
        Web = await Up.WebAsync();
    }

    /// <summary>Starts the run that an undisturbed one is, in another federation.</summary>
    internal async Task<RunHistory> BeginAsync(string federation, bool keeps = false)
    {
        using var limit = new CancellationTokenSource(FedRecProcess.Limit);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await again.WaitForNextTickAsync(limit.Token)) // the store may be about to come back
        {
            using var ready = await Web.GetAsync("health/ready", limit.Token);
            if (ready.IsSuccessStatusCode)
            {
                break;
            }
        }

        return await BeginAsync(Web, federation, keeps);
    }

    /// <summary>Starts it wherever FedRec is served.</summary>
    internal static async Task<RunHistory> BeginAsync(HttpClient web, string federation, bool keeps = false, int rounds = Rounds)
    {
        var body = Body.Replace("FEDERATION", federation, StringComparison.Ordinal).Replace("ROUNDS", $"{rounds}", StringComparison.Ordinal).Replace("SCAFFOLD", keeps ? "on" : "off", StringComparison.Ordinal);
        await TellAsync(() => web.PutAsJsonAsync($"api/v1/federations/{federation}/simulation", new { syntheticUsers = 200, syntheticItems = 160 }));
        await TellAsync(() => web.PostAsync("api/v1/runs", new StringContent(body, Encoding.UTF8, "application/json")));
        return new RunHistory(web, federation);
    }

    // As a user does: tried again while the cluster says so. A start that had come through all the same is a conflict then.
    private static async Task TellAsync(Func<Task<HttpResponseMessage>> tell)
    {
        using var limit = new CancellationTokenSource(FedRecProcess.Limit);
        for (var expected = HttpStatusCode.OK; ; expected = HttpStatusCode.Conflict)
        {
            using var answer = await tell();
            if (answer.StatusCode is not HttpStatusCode.ServiceUnavailable)
            {
                Assert.True(answer.IsSuccessStatusCode || answer.StatusCode == expected, await answer.Content.ReadAsStringAsync());
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
        }
    }

    /// <summary>The end of a disturbed run is that of the undisturbed one, and so is everything that was seen on the way.</summary>
    internal async Task AssertSameAsync(RunHistory history, Look undisturbed)
    {
        var end = await history.EndAsync(Web);

        Assert.True(end.Phase == "Completed", $"{end.Phase} after {end.RoundsDone} rounds: {end.Reason}\n{Up.Error}");
        Assert.Equal(undisturbed.Rounds.AsEnumerable(), end.Rounds.AsEnumerable());
        Assert.Equal(("Completed", undisturbed.Versions[^1].Sha256, 1L), (end.Phase, end.Versions.LastOrDefault().Sha256, end.Serving));
        Assert.Empty(HistoryChecker.Violations(history.Looks, undisturbed.Rounds));
    }

    /// <summary>Sends a signal to a process of the cluster.</summary>
    internal static void Signal(string name, int process)
    {
        using var kill = Process.Start("kill", ["-s", name, $"{process}"]);
        kill.WaitForExit();
    }

    /// <summary>Makes the last numbers of a file in the store no numbers, wherever its bytes are on the disk.</summary>
    internal void Damage(byte[] content)
    {
        var found = 0;
        foreach (var path in Directory.EnumerateFiles(Path.Combine(_home.Data, "blobs"), "*-*-*", SearchOption.AllDirectories))
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            for (var at = bytes.AsSpan().IndexOf(content); at >= 0; at = bytes.AsSpan().IndexOf(content))
            {
                bytes.AsSpan(at + content.Length - 64, 64).Fill(0xFF);
                file.Position = at + content.Length - 64;
                file.Write(bytes, (int)file.Position, 64);
                found++;
            }
        }

        Assert.True(found > 0, "The store has no such file.");
    }

    /// <summary>The emulator's process; waits for one that was lost and is about to come back.</summary>
    internal async Task<int> EmulatorAsync()
    {
        using var limit = new CancellationTokenSource(FedRecProcess.Limit);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            using var emulator = AzuriteOwner.Read(Path.Combine(_home.Data, "blobs"))?.FindEmulator();
            if (emulator is not null)
            {
                return emulator.Id;
            }

            await again.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>What a recommendation says, or the status where it is refused.</summary>
    internal async Task<string> RecommendAsync()
    {
        using var answer = await Web.GetAsync("api/v1/recommendations/u1?federation=plain&k=3");
        return answer.IsSuccessStatusCode ? $"{(await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("version")}" : $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}";
    }

    [GeneratedRegex(@"Silo (\d+) is a member again \(process (\d+)\)")]
    private static partial Regex Member();
}
