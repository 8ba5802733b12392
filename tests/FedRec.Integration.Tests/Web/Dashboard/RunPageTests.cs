using Deque.AxeCore.Playwright;
using FedRec.Contracts.Runs;
using Microsoft.Playwright;

namespace FedRec.Integration.Tests.Web.Dashboard;

/// <summary>The page follows a run.</summary>
public sealed class RunPageTests(Chromium chromium) : PageTests(chromium)
{
    [ChromiumFact]
    public async Task Run_WhenItsEventsCome_MovesThePageToItsEnd()
    {
        var run = Scenes.MidRun(Cluster, closed: 2);
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live");

        Scenes.CloseRound(Cluster.Federations[0], run, 3);
        await ExpectAsync(page.Locator("[data-field=rounds-done]"), "3");
        await ExpectAsync(page.Locator("[data-field=asked]"), "300");
        await ExpectAsync(page.Locator("#rounds tbody tr").First.Locator("th"), "3");
        await ExpectAsync(page.Locator("#models .serving strong"), "version 3");
        await Assertions.Expect(page.Locator("#ask [name=version] option[value='3']")).ToHaveCountAsync(1);
        run.Progress(Scenes.Open(4, "Collecting", 57));
        await ExpectAsync(page.Locator("[data-field=open-detail]"), "57 of 100 updates");
        run.End(RunPhase.Completed, "all rounds done");

        await ExpectAsync(page.Locator("[data-field=phase]"), "Completed");
        await ExpectAsync(page.Locator("#connection"), "Run ended");
        await Assertions.Expect(page.Locator("#stop")).ToBeHiddenAsync();
        await Assertions.Expect(page.Locator("[data-field=ended]")).ToContainTextAsync(", ended ");
        await ExpectAsync(page.Locator("#log li").First.Locator("span"), "Run ended: Completed: all rounds done.");
        Assert.Equal(3, await page.Locator(".chart canvas").CountAsync());
        Assert.Empty(Complaints);
    }

    [ChromiumFact]
    public async Task Run_SaysWhoCanLearnWhatByIt()
    {
        var run = Scenes.MidRun(Cluster);
        run.Status = run.Status! with { Request = run.Status.Request with { Privacy = new() { Epsilon = 2.5 } } };
        var page = await OpenAsync("/fedrec");
        var (summary, readers) = (page.Locator(".trust summary"), page.Locator(".trust dd").Last);

        await ExpectAsync(summary, "Private: ε 2.5 at δ 1E-05 at most. Who can learn what");
        await Assertions.Expect(readers).ToBeHiddenAsync();
        await summary.ClickAsync();

        await Assertions.Expect(readers).ToContainTextAsync("a factor of e^2.5 at most");
        Assert.Empty(Complaints);
    }

    [ChromiumFact]
    public async Task Button_OfAPartThatItRefreshes_KeepsTheFocus()
    {
        Scenes.MidRun(Cluster).End(RunPhase.Completed, "all 10 rounds done");
        var page = await OpenAsync("/fedrec");
        var button = page.Locator("[aria-label='Promote version 2']");
        await button.FocusAsync();

        await page.EvaluateAsync("async () => (await import('/fedrec/assets/x/fragments.js')).refresh('models')");

        await Assertions.Expect(button).ToBeFocusedAsync();
    }

    [ChromiumFact]
    public async Task Throttle_OfManyCalls_RunsAtOnceAndOnceMore()
    {
        var page = await OpenAsync("/fedrec");
        await page.Clock.InstallAsync();
        await page.EvaluateAsync("async () => { const { throttle } = await import('/fedrec/assets/x/dom.js'); window.runs = 0; window.run = throttle(() => window.runs++, 1000); }");

        Assert.Equal(1, await page.EvaluateAsync<int>("() => { run(); run(); run(); return runs; }"));
        await page.Clock.FastForwardAsync(1000);
        Assert.Equal(2, await page.EvaluateAsync<int>("() => runs")); // the last call is never lost
        await page.Clock.FastForwardAsync(5000);
        Assert.Equal(2, await page.EvaluateAsync<int>("() => runs"));
    }

    [ChromiumFact]
    public async Task Page_WhenAnotherRunStarts_ShowsItToTheSameReader()
    {
        var run = Scenes.MidRun(Cluster);
        run.End(RunPhase.Completed, "all 10 rounds done");
        var page = await OpenAsync("/fedrec");
        await page.FillAsync("#ask [name=user]", "u17");

        Cluster.Federations[0].AddRun("run-4", status => status).Start();

        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("run-4");
        await Assertions.Expect(page.Locator("#ask [name=user]")).ToHaveValueAsync("u17");
    }

    [ChromiumFact]
    public async Task EmptyPage_WhenARunStarts_ShowsIt()
    {
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("h1"), "Nothing has been trained yet");

        Scenes.MidRun(Cluster);

        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("run-3");
    }

    [ChromiumFact]
    public async Task EmptyPage_LeadsToTheFirstInvitation_AtEveryWidth()
    {
        var page = await OpenAsync("/fedrec");

        foreach (var field in new[] { "federation", "name", "labels", "users", "ratings", "items" })
        {
            await Assertions.Expect(page.Locator($"#begin [name={field}]")).ToBeVisibleAsync();
        }

        Assert.EndsWith("/fedrec/parties/begin", await page.Locator("#begin form").EvaluateAsync<string>("form => form.action"), StringComparison.Ordinal);
        Assert.Empty((await page.RunAxe()).Violations.Select(violation => $"{violation.Id}: {violation.Help}"));
        foreach (var width in new[] { 320, 390, 1280 })
        {
            await page.SetViewportSizeAsync(width, 900);
            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"The page scrolls sideways at {width}.");
        }
    }

    [ChromiumFact]
    public async Task Page_WhenARoundClosesWhileItCatchesUp_CountsThatRound()
    {
        var run = Scenes.MidRun(Cluster, closed: 2);
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live");
        var (answered, canGo) = (new TaskCompletionSource(), new TaskCompletionSource());
        await page.RouteAsync("**/metrics?**", async route =>
        {
            var old = await route.FetchAsync();
            answered.SetResult();
            await canGo.Task;
            await route.FulfillAsync(new() { Response = old });
        });

        run.Start();
        await answered.Task;
        Scenes.CloseRound(Cluster.Federations[0], run, 3);
        await ExpectAsync(page.Locator("[data-field=rounds-done]"), "3");
        var caughtUp = page.WaitForResponseAsync(response => response.Url.Contains("/metrics?", StringComparison.Ordinal));
        canGo.SetResult();
        await (await caughtUp).FinishedAsync();

        await page.EvaluateAsync("() => new Promise(done => setTimeout(done))"); // the page has read the answer
        await ExpectAsync(page.Locator("[data-field=rounds-done]"), "3");
    }

    [ChromiumFact]
    public async Task Run_ThatStopsEarly_LooksFinishedAndSaysWhy_LiveAndLoaded()
    {
        var run = Scenes.MidRun(Cluster, closed: 4);
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live");

        run.Status = run.Status! with { StopReason = RunStopReason.Plateau };
        run.End(RunPhase.Completed, "validation NDCG@10 has not risen since round 2 (0.1490)");

        for (var load = 0; load < 2; load++)
        {
            await ExpectAsync(page.Locator(".reason"), "Finished after 4 of at most 10 rounds: validation NDCG@10 has not risen since round 2 (0.1490).");
            await ExpectAsync(page.Locator(".rounds-progress p").First, "Rounds 4 of at most 10");
            await Assertions.Expect(page.Locator("#progress")).ToHaveAttributeAsync("max", "4");
            await page.ReloadAsync();
        }
    }
}
