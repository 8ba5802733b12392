using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using Microsoft.Playwright;

namespace FedRec.Integration.Tests.Web.Dashboard;

/// <summary>Everybody can read the page, whatever stands in it.</summary>
public sealed class ReadablePageTests(Chromium chromium) : PageTests(chromium)
{
    private static readonly int[] s_widths = [390, 800, 1280];

    [ChromiumFact]
    public async Task Text_ThatLooksLikeMarkup_StaysText()
    {
        const string nasty = "<img src=x onerror=\"document.title='broken'\">";
        var run = Scenes.MidRun(Cluster);
        Cluster.Federations[0].Recommender.Lists[nasty] =
            [Scenes.Item(1, nasty, nasty) with { Reasons = [new RecommendationReason(nasty, 0.1f, [])] }];
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live");

        await page.FillAsync("#ask [name=user]", nasty);
        await page.ClickAsync("#ask button");
        run.Close(Scenes.Open(7, "Abandoned", 1) with { Reason = nasty });

        await ExpectAsync(page.Locator(".items em"), nasty);
        await ExpectAsync(page.Locator("#log li").First.Locator("span"), $"Round 7 abandoned: {nasty}.");
        Assert.Equal(0, await page.Locator("img").CountAsync());
        Assert.Empty(Complaints);
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
        Scenes.MidRun(Cluster);
        var page = await OpenAsync("/fedrec");
        var asked = new List<string>();
        page.Request += (_, request) => asked.Add(request.Url);

        await page.ClickAsync("nav a:has-text('API')");

        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Federations, the most recently active first." }).First).ToBeVisibleAsync(new() { Timeout = 30_000 });
        Assert.All(asked, address => Assert.True(address.StartsWith(Address.ToString(), StringComparison.Ordinal) || address.StartsWith("data:", StringComparison.Ordinal) || address.StartsWith("blob:", StringComparison.Ordinal), address));
        Assert.Empty(Complaints);
    }

    // As real data has them: many columns, long ids and titles without spaces.
    private void LongNames()
    {
        var run = Scenes.MidRun(Cluster, closed: 9);
        var title = new string('W', 120);
        run.Status = run.Status! with { Protocol = title };
        Cluster.Federations[0].Recommender.Lists["u17"] = [.. Enumerable.Range(1, 10).Select(i => Scenes.Item(i, title, title[..40], "drama"))];
        Cluster.Federations[0].Recommender.Lists[title] = [];
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
        Assert.Empty(await BrokenWords.OfAsync(page));
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
}
