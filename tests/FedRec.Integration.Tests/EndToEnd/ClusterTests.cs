using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using FedRec.Cli;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>A cluster of processes: every silo may be killed, and the run comes to the model that it comes to undisturbed.</summary>
[Collection(ServedCollection.Name)]
public sealed class ClusterTests
{
    private const string Body = """
        {"federation":"FEDERATION","learner":"mf","learnerOptions":{"dims":"4","objective":"logistic","epochs":"20"},
         "rounds":{"count":ROUNDS,"publishEvery":4,"cohortSize":60},"seed":3}
        """;

    [Fact]
    public async Task Up_WithEachSiloKilledInTurn_EndsAtTheUndisturbedModelAndStopsWhenAsked()
    {
        await using var home = new FedRecHome();
        var up = home.Start("up", "--silos", "2", "--port", "0", "--format", "json", "--set", "Silo.LogLevel=None");
        using var web = await up.WebAsync();
        var silos = up.Json.GetProperty("silos").EnumerateArray().Select(silo => silo.GetProperty("processId").GetInt32()).ToArray();
        await StartAsync(web, "disturbed", 400);

        // As a client of the cluster, through the loss of both silos one after the other.
        var watching = home.Start("run", "watch", "disturbed/run-1", "--format", "json");

        // One of the two drives the run, whichever it is.
        await RoundAsync(web, "disturbed", 20);
        Kill(silos[0]);
        await up.WaitForAsync("Silo 1 is a member again");
        await RoundAsync(web, "disturbed", 60);
        Kill(silos[1]);
        await up.WaitForAsync("Silo 2 is a member again");
        var disturbed = await EndAsync(web, "disturbed");
        Assert.True(await watching.ExitAsync() == ExitCode.Ok, watching.Error);
        Assert.Equal((disturbed.Sha256, 400), (watching.Json.GetProperty("sha256").GetString(), watching.Json.GetProperty("roundsDone").GetInt32()));
        await StartAsync(web, "undisturbed", 400);
        var undisturbed = await EndAsync(web, "undisturbed");

        Assert.Equal(("Completed", 400), (disturbed.Phase, disturbed.Rounds));
        Assert.Equal(undisturbed, disturbed);
        var versions = (await web.GetFromJsonAsync<JsonElement>("api/v1/models?federation=disturbed")).GetProperty("versions").EnumerateArray().ToArray();
        Assert.Equal(1, Assert.Single(versions).GetProperty("version").GetInt64()); // published once
        var list = await home.RunAsync("model", "list", "--federation", "disturbed", "--format", "json"); // as a client of the cluster
        Assert.Equal(1, list.Json.GetProperty("serving").GetInt64());

        var stop = await home.RunAsync("up", "--stop");

        Assert.Equal(ExitCode.Ok, await up.ExitAsync());
        Assert.Contains("has ended", stop.Error, StringComparison.Ordinal);
        Assert.All(silos, silo => Assert.False(IsAlive(silo)));
    }

    [Fact]
    public async Task Silo_JoinedToServe_TrainsWithItAndEndsWhenItsStoreIsGone()
    {
        await using var home = new FedRecHome();
        var serve = home.Start("serve", "--port", "0");
        using var web = await serve.WebAsync();
        var silo = home.Start("silo");
        await silo.WaitForAsync("Ctrl-C ends it; the others go on.");
        await StartAsync(web, "shop", 40);
        var trained = await EndAsync(web, "shop");
        Assert.Equal(("Completed", 40), (trained.Phase, trained.Rounds));

        await serve.KillAsync();

        Assert.Equal(ExitCode.StoreUnreachable, await silo.ExitAsync());
        Assert.Contains("The process that had the store has ended, and so does this silo.", silo.Error, StringComparison.Ordinal);
    }

    private static async Task StartAsync(HttpClient web, string federation, int rounds)
    {
        using var told = await web.PutAsJsonAsync($"api/v1/federations/{federation}/simulation", new { syntheticUsers = 200, syntheticItems = 160 });
        Assert.True(told.IsSuccessStatusCode, await told.Content.ReadAsStringAsync());
        var body = Body.Replace("FEDERATION", federation, StringComparison.Ordinal).Replace("ROUNDS", $"{rounds}", StringComparison.Ordinal);
        using var answer = await web.PostAsync("api/v1/runs", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static Task<(string Phase, int Rounds, string Sha256)> RoundAsync(HttpClient web, string federation, int round) =>
        UntilAsync(web, federation, run => run.Rounds >= round);

    private static Task<(string Phase, int Rounds, string Sha256)> EndAsync(HttpClient web, string federation) =>
        UntilAsync(web, federation, run => run.Phase is not ("Running" or "Pending"));

    // Asked again and again, as a silo that is asked may be the one that was killed.
    private static async Task<(string Phase, int Rounds, string Sha256)> UntilAsync(HttpClient web, string federation, Predicate<(string Phase, int Rounds, string Sha256)> isThere)
    {
        using var limit = new CancellationTokenSource(FedRecProcess.Limit);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await look.WaitForNextTickAsync(limit.Token))
        {
            using var answer = await web.GetAsync($"api/v1/runs/run-1?federation={federation}", limit.Token);
            if (answer.IsSuccessStatusCode && await answer.Content.ReadFromJsonAsync<JsonElement>(limit.Token) is var run
                && (run.GetProperty("phase").GetString()!, run.GetProperty("roundsDone").GetInt32(), run.GetProperty("sha256").GetString()!) is var state && isThere(state))
            {
                return state;
            }
        }

        throw new TimeoutException();
    }

    private static void Kill(int process)
    {
        using var killed = Process.GetProcessById(process);
        killed.Kill();
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited && found.ProcessName.Contains("dotnet", StringComparison.Ordinal);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
