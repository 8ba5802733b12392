using FedRec.Contracts.Runs;
using Microsoft.Playwright;

namespace FedRec.Integration.Tests.Web.Dashboard;

/// <summary>The page says what it is cut off from, and goes on by itself.</summary>
public sealed class ConnectionPageTests(Chromium chromium) : PageTests(chromium)
{
    [ChromiumFact]
    public async Task Page_WhenTheServerComesBack_CatchesUp()
    {
        var run = Scenes.MidRun(Cluster, closed: 4);
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live");

        await Host.DisposeAsync();
        await ExpectAsync(page.Locator("#connection"), "Reconnecting…");
        Scenes.CloseRound(Cluster.Federations[0], run, 5);
        run.ForgetEvents(); // as after a restart of the cluster: no event tells of round 5
        Host = await WebHost.StartAsync(Cluster, port: Address.Port);

        await ExpectAsync(page.Locator("#connection"), "Live");
        await ExpectAsync(page.Locator("[data-field=rounds-done]"), "5");
        await ExpectAsync(page.Locator("#rounds tbody tr").First.Locator("th"), "5");
        Scenes.CloseRound(Cluster.Federations[0], run, 6);
        await ExpectAsync(page.Locator("[data-field=rounds-done]"), "6");
    }

    [ChromiumFact]
    public async Task Page_WhenTheConnectionIsSilent_SaysSo_AndGoesOnByItself()
    {
        var run = Scenes.MidRun(Cluster, closed: 2);
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Live");

        await page.RouteAsync("**/health/ready", _ => Task.CompletedTask); // never answered: the stream stays open and says nothing
        await ExpectAsync(page.Locator("#connection"), "Reconnecting…");
        await page.UnrouteAsync("**/health/ready");

        await ExpectAsync(page.Locator("#connection"), "Live");
        Scenes.CloseRound(Cluster.Federations[0], run, 3);
        await ExpectAsync(page.Locator("[data-field=rounds-done]"), "3");
    }

    [ChromiumFact]
    public async Task Page_WhenTheClusterDoesNotAnswer_SaysSoUntilItDoes()
    {
        Scenes.MidRun(Cluster).End(RunPhase.Completed, "all 10 rounds done");
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Connected");

        Cluster.Failure = new TimeoutException();
        await Assertions.Expect(page.Locator("#store")).ToContainTextAsync("does not answer");
        Cluster.Failure = null;

        await Assertions.Expect(page.Locator("#store")).ToBeHiddenAsync();
    }

    [ChromiumFact]
    public async Task Page_WhileTheStoreIsInTrouble_SaysWhichAndWhyAChangeIsRefused()
    {
        const string problem = "The storage emulator cannot save what it is given (ENOSPC: no space left on device). Free some space; what comes in now may be lost.";
        Scenes.MidRun(Cluster).End(RunPhase.Completed, "all 10 rounds done");
        var page = await OpenAsync("/fedrec");
        await ExpectAsync(page.Locator("#connection"), "Connected");
        await Assertions.Expect(page.Locator("#store")).ToBeHiddenAsync();

        StoreProblem = problem;
        await Assertions.Expect(page.Locator("#store")).ToHaveTextAsync(problem);
        await Assertions.Expect(page.Locator("#store")).ToBeVisibleAsync();
        await page.ClickAsync("[aria-label='Promote version 2']");
        await ExpectAsync(page.Locator("#toast"), problem);
        StoreProblem = null;

        await Assertions.Expect(page.Locator("#store")).ToBeHiddenAsync();
    }
}
