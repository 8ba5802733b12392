using Microsoft.Playwright;

namespace FedRec.Integration.Tests.Web.Dashboard;

/// <summary>The page asks for recommendations and shows them.</summary>
public sealed class AskPageTests(Chromium chromium) : PageTests(chromium)
{
    [ChromiumFact]
    public async Task Recommendations_AreShownWithReasons_AndFollowTheModelInUse()
    {
        Scenes.MidRun(Cluster);
        var page = await OpenAsync("/fedrec");

        await page.FillAsync("#ask [name=user]", "u17");
        await page.Keyboard.PressAsync("Enter");
        await ExpectAsync(page.Locator(".items .title").First, "The Long Voyage drama sea");
        await ExpectAsync(page.Locator(".because").First, "because of Harbour Lights (+0.21), The Last Reel (+0.08)");
        await ExpectAsync(page.Locator("#recommended > p"), "For user u17, from model version 6.");
        await page.ClickAsync("[aria-label='Promote version 2']");

        await ExpectAsync(page.Locator("#toast"), "Version 2 is in use.");
        await ExpectAsync(page.Locator("#recommended > p"), "For user u17, from model version 2.");
        Assert.Empty(Complaints);
    }

    [ChromiumFact]
    public async Task Ask_WhileAUserIsTyped_OffersThoseWhoBeginSo()
    {
        Scenes.MidRun(Cluster);
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live"); // its scripts are there

        await page.Locator("#ask [name=user]").PressSequentiallyAsync("u19");

        await Assertions.Expect(page.Locator("#users option")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("#users option")).ToHaveAttributeAsync("value", "u196");
    }

    [ChromiumFact]
    public async Task Ask_ByAnExample_FillsTheFormAndAsks()
    {
        Scenes.MidRun(Cluster);
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live"); // its scripts are there

        await page.ClickAsync("#recommended [data-user=u17]");

        await ExpectAsync(page.Locator("#recommended > p.small"), "For user u17, from model version 6.");
        Assert.Contains("user=u17", page.Url, StringComparison.Ordinal); // to be loaded again, and sent to others
    }

    [ChromiumFact]
    public async Task Ask_TwiceBeforeTheFirstAnswer_ShowsTheSecond()
    {
        Scenes.MidRun(Cluster);
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
}
