using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Integration.Tests.Web.Doubles;
using Microsoft.Playwright;

namespace FedRec.Integration.Tests.Web.Dashboard;

/// <summary>The page in a real browser.</summary>
public sealed class BrowserTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private static readonly int[] s_widths = [390, 800, 1280];

    private readonly FakeCluster _cluster = new();
    private readonly List<string> _complaints = [];
    private WebHost _host = null!;
    private IPage? _page;
    private volatile string? _storeProblem;

    public async Task InitializeAsync() => _host = await WebHost.StartAsync(_cluster, o =>
    {
        o.Heartbeat = TimeSpan.FromSeconds(1);
        o.StoreProblem = () => _storeProblem;
    });

    public async Task DisposeAsync()
    {
        await (_page?.CloseAsync() ?? Task.CompletedTask);
        await _host.DisposeAsync();
    }

    [ChromiumFact]
    public async Task Run_WhenItsEventsCome_MovesThePageToItsEnd()
    {
        var run = Scenes.MidRun(_cluster, closed: 2);
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live");

        Scenes.CloseRound(_cluster.Federations[0], run, 3);
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
        Assert.Empty(_complaints);
    }

    [ChromiumFact]
    public async Task Recommendations_AreShownWithReasons_AndFollowTheModelInUse()
    {
        Scenes.MidRun(_cluster);
        var page = await OpenAsync("/fedrec");

        await page.FillAsync("#ask [name=user]", "u17");
        await page.Keyboard.PressAsync("Enter");
        await ExpectAsync(page.Locator(".items .title").First, "The Long Voyage drama sea");
        await ExpectAsync(page.Locator(".because").First, "because of Harbour Lights (+0.21), The Last Reel (+0.08)");
        await ExpectAsync(page.Locator("#recommended > p"), "For user u17, from model version 6.");
        await page.ClickAsync("[aria-label='Promote version 2']");

        await ExpectAsync(page.Locator("#toast"), "Version 2 is in use.");
        await ExpectAsync(page.Locator("#recommended > p"), "For user u17, from model version 2.");
        Assert.Empty(_complaints);
    }

    [ChromiumFact]
    public async Task Ask_WhileAUserIsTyped_OffersThoseWhoBeginSo()
    {
        Scenes.MidRun(_cluster);
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live"); // its scripts are there

        await page.Locator("#ask [name=user]").PressSequentiallyAsync("u19");

        await Assertions.Expect(page.Locator("#users option")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("#users option")).ToHaveAttributeAsync("value", "u196");
    }

    [ChromiumFact]
    public async Task Ask_ByAnExample_FillsTheFormAndAsks()
    {
        Scenes.MidRun(_cluster);
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live"); // its scripts are there

        await page.ClickAsync("#recommended [data-user=u17]");

        await ExpectAsync(page.Locator("#recommended > p.small"), "For user u17, from model version 6.");
        Assert.Contains("user=u17", page.Url, StringComparison.Ordinal); // to be loaded again, and sent to others
    }

    [ChromiumFact]
    public async Task Ask_TwiceBeforeTheFirstAnswer_ShowsTheSecond()
    {
        Scenes.MidRun(_cluster);
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live"); // its scripts are there
        var canGo = new TaskCompletionSource();
        await page.RouteAsync(address => address.Contains("/fragments/recommendations?", StringComparison.Ordinal) && address.Contains("user=u1&", StringComparison.Ordinal), async route =>
        {
            await canGo.Task;
            await route.ContinueAsync();
        });

        await page.FillAsync("#ask [name=user]", "u1");
        await page.Keyboard.PressAsync("Enter");
        await page.FillAsync("#ask [name=user]", "u17");
        await page.Keyboard.PressAsync("Enter");
        await ExpectAsync(page.Locator("#recommended > p.small"), "For user u17, from model version 6.");
        var late = page.WaitForResponseAsync(response => response.Url.Contains("user=u1&", StringComparison.Ordinal));
        canGo.SetResult();
        await (await late).FinishedAsync();

        await page.EvaluateAsync("() => new Promise(done => setTimeout(done))"); // the page has read the answer
        await ExpectAsync(page.Locator("#recommended > p.small"), "For user u17, from model version 6.");
    }

    [ChromiumFact]
    public async Task Button_OfAPartThatItRefreshes_KeepsTheFocus()
    {
        Scenes.MidRun(_cluster).End(RunPhase.Completed, "all 10 rounds done");
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
        var run = Scenes.MidRun(_cluster);
        run.End(RunPhase.Completed, "all 10 rounds done");
        var page = await OpenAsync("/fedrec");
        await page.FillAsync("#ask [name=user]", "u17");

        _cluster.Federations[0].AddRun("run-4", status => status).Start();

        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("run-4", new() { Timeout = 15_000 });
        await Assertions.Expect(page.Locator("#ask [name=user]")).ToHaveValueAsync("u17");
    }

    [ChromiumFact]
    public async Task Page_WhenTheServerComesBack_CatchesUp()
    {
        var run = Scenes.MidRun(_cluster, closed: 4);
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live");

        await _host.DisposeAsync();
        await ExpectAsync(page.Locator("#connection"), "Reconnecting…");
        Scenes.CloseRound(_cluster.Federations[0], run, 5);
        run.ForgetEvents(); // as after a restart of the cluster: no event tells of round 5
        _host = await WebHost.StartAsync(_cluster, port: _host.Address.Port);

        await ExpectAsync(page.Locator("#connection"), "Live");
        await ExpectAsync(page.Locator("[data-field=rounds-done]"), "5");
        await ExpectAsync(page.Locator("#rounds tbody tr").First.Locator("th"), "5");
        Scenes.CloseRound(_cluster.Federations[0], run, 6);
        await ExpectAsync(page.Locator("[data-field=rounds-done]"), "6");
    }

    [ChromiumFact]
    public async Task Text_ThatLooksLikeMarkup_StaysText()
    {
        const string nasty = "<img src=x onerror=\"document.title='broken'\">";
        var run = Scenes.MidRun(_cluster);
        _cluster.Federations[0].Recommender.Lists[nasty] =
            [Scenes.Item(1, nasty, nasty) with { Reasons = [new RecommendationReason(nasty, 0.1f, [])] }];
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live");

        await page.FillAsync("#ask [name=user]", nasty);
        await page.ClickAsync("#ask button");
        run.Close(Scenes.Open(7, "Abandoned", 1) with { Reason = nasty });

        await ExpectAsync(page.Locator(".items em"), nasty);
        await ExpectAsync(page.Locator("#log li").First.Locator("span"), $"Round 7 abandoned: {nasty}.");
        Assert.Equal(0, await page.Locator("img").CountAsync());
        Assert.Empty(_complaints);
    }

    [ChromiumFact]
    public async Task EmptyPage_WhenARunStarts_ShowsIt()
    {
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("h1"), "Nothing has been trained yet");

        Scenes.MidRun(_cluster);

        await Assertions.Expect(page.Locator("h1")).ToContainTextAsync("run-3", new() { Timeout = 15_000 });
    }

    [ChromiumFact]
    public async Task Page_WhenTheConnectionIsSilent_SaysSo_AndGoesOnByItself()
    {
        var run = Scenes.MidRun(_cluster, closed: 2);
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live");

        await page.RouteAsync("**/health/ready", _ => Task.CompletedTask); // never answered: the stream stays open and says nothing
        await ExpectAsync(page.Locator("#connection"), "Reconnecting…");
        await page.UnrouteAsync("**/health/ready");

        await ExpectAsync(page.Locator("#connection"), "Live");
        Scenes.CloseRound(_cluster.Federations[0], run, 3);
        await ExpectAsync(page.Locator("[data-field=rounds-done]"), "3");
    }

    [ChromiumFact]
    public async Task Page_WhenARoundClosesWhileItCatchesUp_CountsThatRound()
    {
        var run = Scenes.MidRun(_cluster, closed: 2);
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
        Scenes.CloseRound(_cluster.Federations[0], run, 3);
        await ExpectAsync(page.Locator("[data-field=rounds-done]"), "3");
        var caughtUp = page.WaitForResponseAsync(response => response.Url.Contains("/metrics?", StringComparison.Ordinal));
        canGo.SetResult();
        await (await caughtUp).FinishedAsync();

        await page.EvaluateAsync("() => new Promise(done => setTimeout(done))"); // the page has read the answer
        await ExpectAsync(page.Locator("[data-field=rounds-done]"), "3");
    }

    [ChromiumFact]
    public async Task Page_WhenTheClusterDoesNotAnswer_SaysSoUntilItDoes()
    {
        Scenes.MidRun(_cluster).End(RunPhase.Completed, "all 10 rounds done");
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Connected");

        _cluster.Failure = new TimeoutException();
        await Assertions.Expect(page.Locator("#store")).ToContainTextAsync("does not answer", new() { Timeout = 10_000 });
        _cluster.Failure = null;

        await Assertions.Expect(page.Locator("#store")).ToBeHiddenAsync(new() { Timeout = 10_000 });
    }

    [ChromiumFact]
    public async Task Page_WhileTheStoreIsInTrouble_SaysWhichAndWhyAChangeIsRefused()
    {
        const string problem = "The storage emulator cannot save what it is given (ENOSPC: no space left on device). Free some space; what comes in now may be lost.";
        Scenes.MidRun(_cluster).End(RunPhase.Completed, "all 10 rounds done");
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Connected");
        await Assertions.Expect(page.Locator("#store")).ToBeHiddenAsync();

        _storeProblem = problem;
        await Assertions.Expect(page.Locator("#store")).ToHaveTextAsync(problem, new() { Timeout = 10_000 });
        await Assertions.Expect(page.Locator("#store")).ToBeVisibleAsync();
        await page.ClickAsync("[aria-label='Promote version 2']");
        await ExpectAsync(page.Locator("#toast"), problem);
        _storeProblem = null;

        await Assertions.Expect(page.Locator("#store")).ToBeHiddenAsync(new() { Timeout = 10_000 });
    }

    [ChromiumFact]
    public async Task Run_ThatStopsEarly_LooksFinishedAndSaysWhy_LiveAndLoaded()
    {
        var run = Scenes.MidRun(_cluster, closed: 4);
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

    [ChromiumFact]
    public async Task Page_AtAnyWidth_DoesNotScrollSideways_AndCanBeReadAndReachedByAll()
    {
        foreach (var width in s_widths)
        {
            await CheckAsync(await OpenAsync("/fedrec", width), width);
        }

        LongNames();
        foreach (var width in s_widths)
        {
            var page = await OpenAsync("/fedrec?user=u17", width);
            await Assertions.Expect(page.Locator(".chart canvas")).ToHaveCountAsync(3);
            await CheckAsync(page, width);
        }
    }

    [ChromiumFact]
    public async Task ApiReference_IsReadable_AndLoadsNothingFromElsewhere()
    {
        Scenes.MidRun(_cluster);
        var page = await OpenAsync("/fedrec");
        var asked = new List<string>();
        page.Request += (_, request) => asked.Add(request.Url);

        await page.ClickAsync("nav a:has-text('API')");

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Federations, the most recently active first." }).First).ToBeVisibleAsync(new() { Timeout = 30_000 });
        Assert.All(asked, address => Assert.True(address.StartsWith(_host.Address.ToString(), StringComparison.Ordinal) || address.StartsWith("data:", StringComparison.Ordinal) || address.StartsWith("blob:", StringComparison.Ordinal), address));
        Assert.Empty(_complaints);
    }

    // As real data has them: many columns, long ids and titles without spaces.
    private void LongNames()
    {
        var run = Scenes.MidRun(_cluster, closed: 9);
        var title = new string('W', 120);
        run.Status = run.Status! with { Protocol = title };
        _cluster.Federations[0].Recommender.Lists["u17"] = [.. Enumerable.Range(1, 10).Select(i => Scenes.Item(i, title, title[..40], "drama"))];
        _cluster.Federations[0].Recommender.Lists[title] = [];
        run.Evaluate(Scenes.Evaluation(title, 0, 0.1, 0.1) with { Metrics = Scenes.ManyMetrics });
        run.Close(Scenes.Open(10, "Abandoned", 1) with { Reason = title });
        run.End(RunPhase.Failed, title);
    }

    private static async Task CheckAsync(IPage page, int width)
    {
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        var outside = await page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll("header *, .card *")].filter(e => e.checkVisibility() && !e.closest(".scroll, svg, .chart, select, datalist"))
              .filter(e => e.getBoundingClientRect().right > e.parentElement.getBoundingClientRect().right + 1)
              .map(e => `${e.outerHTML.slice(0, 80)} leaves ${e.parentElement.tagName}`)
            """);
        Assert.Empty(outside); // of the place that it stands in, over its neighbour
        var small = await page.EvaluateAsync<string[]>("""
            [...document.querySelectorAll("a, button, input, select")].filter(e => e.checkVisibility() && !e.matches(".skip, [type=hidden]"))
              .map(e => [e, e.getBoundingClientRect()]).filter(([, box]) => box.width < 24 || box.height < 24)
              .map(([e, box]) => `${e.outerHTML.slice(0, 80)}: ${box.width} x ${box.height}`)
            """);
        Assert.Empty(small);
        var found = await page.RunAxe(new AxeRunOptions { Rules = new() { ["target-size"] = new RuleOptions { Enabled = true } } });
        Assert.Empty(found.Violations.Select(v => $"{v.Id} at {width}: {v.Help}: {string.Join(" | ", v.Nodes.Select(n => n.Html))}"));
        await page.CloseAsync();
    }

    private async Task<IPage> OpenAsync(string address, int width = 1280)
    {
        var page = _page = await chromium.Browser!.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 900 } });
        page.SetDefaultTimeout(15_000);
        page.PageError += (_, error) => _complaints.Add(error);
        page.Console += (_, message) => _complaints.AddRange(message.Type == "error" ? [message.Text] : []); // such as a broken policy
        await page.GotoAsync(new Uri(_host.Address, address).ToString());
        return page;
    }

    private static Task ExpectAsync(ILocator element, string text) =>
        Assertions.Expect(element).ToHaveTextAsync(text, new() { Timeout = 10_000 });
}
