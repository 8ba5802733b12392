using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using FedRec.Cli;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary><c>fedrec serve</c> as a process: what it was given is there again, however it ended.</summary>
[Collection(ServedCollection.Name)]
public sealed class ServeTests
{
    private const string SmallData = """{"syntheticUsers":30,"syntheticItems":24}""";
    private const string LongData = """{"syntheticUsers":300,"syntheticItems":240}""";
    private const string Small = """{"federation":"shop","learner":"mf","learnerOptions":{"dims":"4"},"rounds":{"count":2}}""";
    private const string Long = """{"federation":"shop","learner":"mf","learnerOptions":{"dims":"4"},"rounds":{"count":300,"publishEvery":5},"seed":2}""";

    [Fact]
    public async Task Serve_KilledAndStartedAgain_ServesTheSameAndGoesOnWithItsRun()
    {
        await using var home = new FedRecHome();
        var (killed, first) = await StartAsync(home);
        await TellAsync(first, SmallData);
        Assert.Contains("Completed", await TrainAsync(first, Small), StringComparison.Ordinal);
        using (var met = await first.PostAsJsonAsync("api/v1/interactions", new { federation = "shop", user = "u1", item = await BestAsync(first, "u1") }))
        {
            Assert.True(met.IsSuccessStatusCode, await met.Content.ReadAsStringAsync());
        }

        var before = await AskAsync(first, "u1");
        await TellAsync(first, LongData);
        using var begun = await first.PostAsync("api/v1/runs", Json(Long));
        Assert.Equal(HttpStatusCode.Created, begun.StatusCode);
        await WaitForRoundAsync(first, 6); // one checkpoint is stored
        await killed.KillAsync();

        var (ended, second) = await StartAsync(home);

        var after = await AskAsync(second, "u1");
        var events = await second.GetStringAsync("api/v1/runs/run-2/events?federation=shop"); // ends with the run, which nobody has asked to go on
        Assert.Equal(before, after);
        Assert.Contains("Completed", events, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync("fedrec")).StatusCode);
        ended.Signal("INT");
        Assert.Equal(ExitCode.Ok, await ended.ExitAsync());
        Assert.DoesNotContain("error", ended.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Equal($"{second.BaseAddress}fedrec", ended.Json.GetProperty("urls").GetProperty("page").GetString());
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public async Task Serve_EndedWhileItTrains_SaysThatTheRunGoesOnAndASecondOneIsRefusedBefore()
    {
        await using var home = new FedRecHome();
        var (serving, web) = await StartAsync(home);
        await TellAsync(web, LongData);
        using var begun = await web.PostAsync("api/v1/runs", Json(Long));
        Assert.Equal(HttpStatusCode.Created, begun.StatusCode);
        await WaitForRoundAsync(web, 6);

        var other = home.Start("serve", "--port", "0");

        Assert.Equal(ExitCode.Failed, await other.ExitAsync());
        Assert.Contains($"Another FedRec process has this store and serves it at {web.BaseAddress}", other.Error, StringComparison.Ordinal);
        serving.Signal("TERM");
        Assert.Equal(ExitCode.Ok, await serving.ExitAsync());
        Assert.Contains("Run run-1 of shop stays unfinished; it goes on at the next start.", serving.Error, StringComparison.Ordinal);
        web.Dispose();
    }

    private static async Task<(FedRecProcess Process, HttpClient Web)> StartAsync(FedRecHome home)
    {
        var process = home.Start("serve", "--port", "0", "--format", "json");
        return (process, await process.WebAsync());
    }

    private static async Task TellAsync(HttpClient web, string data)
    {
        using var told = await web.PutAsync("api/v1/federations/shop/simulation", Json(data));
        Assert.Equal(HttpStatusCode.OK, told.StatusCode);
    }

    private static async Task<string> TrainAsync(HttpClient web, string body)
    {
        using var started = await web.PostAsync("api/v1/runs", Json(body));
        Assert.True(started.StatusCode == HttpStatusCode.Created, await started.Content.ReadAsStringAsync());
        var run = (await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("run").GetString();
        return await web.GetStringAsync($"api/v1/runs/{run}/events?federation=shop"); // ends with the run
    }

    private static async Task WaitForRoundAsync(HttpClient web, int round)
    {
        using var stream = new StreamReader(await web.GetStreamAsync("api/v1/events?federation=shop"));
        while (await stream.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal) && JsonDocument.Parse(line[5..]).RootElement is var said
                && said.TryGetProperty("round", out var number) && number.ValueKind == JsonValueKind.Number && number.GetInt32() >= round)
            {
                return;
            }
        }

        Assert.Fail("The run ended before that round.");
    }

    private static async Task<string> BestAsync(HttpClient web, string user) =>
        (await web.GetFromJsonAsync<JsonElement>($"api/v1/recommendations/{user}?federation=shop")).GetProperty("items")[0].GetProperty("item").GetString()!;

    private static Task<string> AskAsync(HttpClient web, string user) => web.GetStringAsync($"api/v1/recommendations/{user}?federation=shop&explain=true");

    private static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");
}
