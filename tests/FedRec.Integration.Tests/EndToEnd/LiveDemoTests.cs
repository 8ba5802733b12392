using System.Net.Http.Json;
using System.Text.Json;
using FedRec.Cli;
using FedRec.Core.Snapshots;
using FedRec.Integration.Tests.Web.Dashboard;
using Microsoft.Playwright;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>The demonstration as its user meets it: a stored model, the API, the page, and verbs of other processes beside it.</summary>
[Collection(ServedCollection.Name)]
public sealed class LiveDemoTests(LiveDemo demo, Chromium chromium) : IClassFixture<LiveDemo>, IClassFixture<Chromium>
{
    private string FirstSha => demo.First.GetProperty("model").GetProperty("sha256").GetString()!;

    private long FirstVersion => demo.First.GetProperty("model").GetProperty("version").GetInt64();

    [Fact]
    public async Task SecondStart_ServesTheStoredModel_WithoutTrainingAgain()
    {
        var ready = await demo.GetAsync("health/ready");
        var models = await demo.GetAsync("api/v1/models?federation=demo");

        Assert.Contains($"Model version {FirstVersion} of an earlier start is in the store", demo.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("round 1/", demo.Said, StringComparison.Ordinal);
        Assert.Equal("ready", ready.GetProperty("status").GetString());
        Assert.Equal(FirstVersion, models.GetProperty("serving").GetInt64());
        Assert.Contains(models.GetProperty("versions").EnumerateArray(), version => version.GetProperty("sha256").GetString() == FirstSha);
    }

    [Fact]
    public async Task Api_AnswersFromTheRealGrains()
    {
        var runs = await demo.GetAsync("api/v1/runs?federation=demo");
        var recommended = await demo.GetAsync("api/v1/recommendations/u1?k=5&explain=true&federation=demo");
        var document = await demo.GetAsync("openapi/v1.json");
        var page = await demo.Web.GetStringAsync("fedrec?federation=demo&user=u1");

        Assert.Equal("Completed", runs[0].GetProperty("phase").GetString());
        Assert.Equal(FirstSha, runs[0].GetProperty("sha256").GetString());
        var items = recommended.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([1, 2, 3, 4, 5], items.Select(item => item.GetProperty("rank").GetInt32()));
        Assert.All(items, item => Assert.NotEqual(0, item.GetProperty("reasons").GetArrayLength()));
        Assert.True(document.GetProperty("paths").TryGetProperty("/api/v1/recommendations/{user}", out _));
        Assert.Contains($"version {FirstVersion}", page, StringComparison.Ordinal);
        Assert.Contains(System.Net.WebUtility.HtmlEncode(items[0].GetProperty("title").GetString()!), page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_OfARun_ComeUntilItsEnd()
    {
        var run = await StartRunAsync("streamed", rounds: 6);

        var events = await demo.Web.GetStringAsync($"api/v1/runs/{run}/events?federation=streamed"); // ends with the run

        var kinds = events.Split('\n').Where(line => line.StartsWith("event: ", StringComparison.Ordinal)).Select(line => line[7..]).ToList();
        Assert.Equal(6, kinds.Count(kind => kind == "round.done"));
        Assert.Equal("run.done", kinds[^1]);
        Assert.Equal("Completed", (await demo.GetAsync($"api/v1/runs/{run}?federation=streamed")).GetProperty("phase").GetString());
    }

    [Fact]
    public async Task Recommendations_OfABank_LeaveAnAuditLineByWhateverWayTheyAreServed()
    {
        await demo.Home.RunAsync("simulate", "--scenario", "bank", "--learner", "ease", "--federation", "bank", "--recs", "0", "--baselines", "none");

        await demo.Home.RunAsync("recommend", "customer-1", "-k", "2", "--federation", "bank");
        await demo.GetAsync("api/v1/recommendations/customer-2?k=2&federation=bank");
        await demo.Web.GetStringAsync("fedrec?federation=bank&user=customer-3&k=2");
        await demo.GetAsync("api/v1/recommendations/u1?k=2&federation=demo");
        await demo.Home.Start("recommend", "nobody", "-k", "1", "--federation", "bank").ExitAsync();

        var lines = (await File.ReadAllLinesAsync(Path.Combine(demo.Home.Data, "audit-bank.jsonl"))).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(
            [("customer-1", 1), ("customer-1", 2), ("customer-2", 1), ("customer-2", 2), ("customer-3", 1), ("customer-3", 2), ("nobody", 1)],
            lines.Select(line => (line.GetProperty("user").GetString()!, line.GetProperty("rank").GetInt32())));
        Assert.All(lines.SkipLast(1), line => Assert.NotEqual(0, line.GetProperty("because").GetArrayLength()));
        Assert.False(File.Exists(Path.Combine(demo.Home.Data, "audit-demo.jsonl")));
    }

    [Fact]
    public async Task Verbs_OfOtherProcesses_WorkBesideTheOwnerOfTheStore()
    {
        string[] train = ["simulate", "--federation", "other", "--clients", "60", "--items", "40", "--rounds", "3", "--baselines", "none", "--recs", "0", "--format", "json"];
        var recommended = await demo.Home.RunAsync("recommend", "u1", "--explain", "--federation", "demo", "--format", "json");
        await demo.Home.RunAsync("model", "export", $"{FirstVersion}", "--federation", "demo", "--to", "kept.safetensors");
        var trained = await demo.Home.RunAsync(train);
        var second = (await demo.Home.RunAsync([.. train, "--seed", "2"])).Json.GetProperty("model").GetProperty("version").GetInt64();
        var promoted = await demo.Home.RunAsync("model", "promote", "1", "--federation", "other", "--format", "json");
        var evaluated = await demo.Home.RunAsync("eval", "--model", "1", "--federation", "other", "--baselines", "none", "--format", "json");
        var back = await demo.Home.RunAsync("model", "rollback", "--federation", "other", "--format", "json");

        Assert.NotEqual(0, recommended.Json.GetProperty("items")[0].GetProperty("reasons").GetArrayLength());
        Assert.Equal(1, promoted.Json.GetProperty("serving").GetInt64());
        Assert.Equal(1, evaluated.Json.GetProperty("version").GetInt64());
        Assert.Equal(second, back.Json.GetProperty("serving").GetInt64());
        Assert.Equal(FirstSha, Safetensors.Sha256(await File.ReadAllBytesAsync(Path.Combine(demo.Home.Folder, "kept.safetensors"))));
        Assert.Equal(3, trained.Json.GetProperty("rounds").GetInt32());
        Assert.Equal("Completed", (await demo.GetAsync("api/v1/runs?federation=other"))[0].GetProperty("phase").GetString());
    }

    [Fact]
    public async Task Verbs_ThatCannotDoIt_SaySoWithTheirExitCode()
    {
        var stranger = demo.Home.Start("recommend", "nobody", "--federation", "demo", "--model", "999");
        var gone = demo.Home.Start("model", "promote", "999", "--federation", "demo");
        var wrong = demo.Home.Start("model", "promte", "1");

        Assert.Equal((ExitCode.Failed, ExitCode.Failed, ExitCode.Usage), (await stranger.ExitAsync(), await gone.ExitAsync(), await wrong.ExitAsync()));
        Assert.Contains("999", stranger.Error, StringComparison.Ordinal);
        Assert.Contains("999", gone.Error, StringComparison.Ordinal);
        Assert.Contains("promote", wrong.Error, StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task Page_WhileARunTrains_FollowsItAndExplainsRecommendations()
    {
        var complaints = new List<string>();
        var page = await chromium.NewPageAsync(new() { ViewportSize = new() { Width = 1280, Height = 1400 } });
        await page.GotoAsync(new Uri(demo.Web.BaseAddress!, "fedrec").ToString()); // what a first page costs must not outlast the run
        await StartRunAsync("watched", rounds: 40, epochs: 10);
        page.PageError += (_, error) => complaints.Add(error);
        page.Console += (_, message) => complaints.AddRange(message.Type == "error" ? [message.Text] : []);
        await page.GotoAsync(new Uri(demo.Web.BaseAddress!, "fedrec?federation=watched").ToString());
        await ExpectAsync(page.Locator("#connection"), "Live");
        await ShootAsync(page, "e2e-training");
        await ExpectAsync(page.Locator("[data-field=phase]"), "Completed");
        await page.FillAsync("#ask [name=user]", "u7");
        await page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(page.Locator(".items .title")).Not.ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator(".because").First).ToContainTextAsync("because of");
        await ExpectAsync(page.Locator("[data-field=rounds-done]"), "40");
        await ExpectAsync(page.Locator("#rounds tbody tr").First.Locator("th"), "40");
        await ShootAsync(page, "e2e-recommended");
        Assert.Empty(complaints);
        await page.CloseAsync();
    }

    private async Task<string> StartRunAsync(string federation, int rounds, int epochs = 1)
    {
        var learnerOptions = new Dictionary<string, string> { ["objective"] = "logistic", ["epochs"] = $"{epochs}" };
        var body = new { federation, learnerOptions, rounds = new { count = rounds, publishEvery = 5, dropout = 0.1 }, evaluateEvery = 5 };
        await demo.Web.PutAsJsonAsync($"api/v1/federations/{federation}/simulation", new { syntheticUsers = 1500, syntheticItems = 400 });
        var answer = await demo.Web.PostAsJsonAsync("api/v1/runs", body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement.GetProperty("run").GetString()!;
    }

    private static Task ExpectAsync(ILocator element, string text) =>
        Assertions.Expect(element).ToHaveTextAsync(text);

    // For eyes: kept only where a folder for them is named.
    private static async Task ShootAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("FEDREC_SHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
        }
    }
}
