using FedRec.Contracts.Access;

namespace FedRec.Integration.Tests.Web.Dashboard;

/// <summary>Logging in, in a real browser: what a viewer sees, and that an operator's buttons work by the cookie alone.</summary>
public sealed class LoginPageTests(Chromium chromium) : PageTests(chromium)
{
    [ChromiumFact]
    public async Task Operator_LogsIn_Promotes_AndLogsOut()
    {
        Scenes.MidRun(Cluster);
        var key = Cluster.Access.Add(AccessRole.Operator);
        var page = await OpenAsync("/fedrec");
        Assert.EndsWith("/fedrec/login", page.Url, StringComparison.Ordinal);

        await page.FillAsync("[name=key]", key);
        await page.Keyboard.PressAsync("Enter");
        await ExpectAsync(page.Locator("#connection"), "Live");
        await page.ClickAsync("[aria-label='Promote version 2']");
        await ExpectAsync(page.Locator("#toast"), "Version 2 is in use.");
        await page.ClickAsync("text=Log out");
        await page.WaitForURLAsync("**/fedrec/login");

        Assert.Empty(Complaints);
    }

    [ChromiumFact]
    public async Task Viewer_SeesTheRunLive_WithoutButtonsForChanges()
    {
        var run = Scenes.MidRun(Cluster);
        var key = Cluster.Access.Add(AccessRole.Viewer);
        var page = await OpenAsync("/fedrec");
        await page.FillAsync("[name=key]", "frk_not-a-key");
        await page.ClickAsync("text=Log in >> nth=-1");
        await ExpectAsync(page.Locator("[role=alert]"), "The key is none of this FedRec.");
        Complaints.Clear(); // the browser notes the 401

        await page.FillAsync("[name=key]", key);
        await page.Keyboard.PressAsync("Enter");
        await ExpectAsync(page.Locator("#connection"), "Live");
        await page.FillAsync("#ask [name=user]", "u17");
        await page.Keyboard.PressAsync("Enter");
        await ExpectAsync(page.Locator(".items .title").First, "The Long Voyage drama sea");
        Scenes.CloseRound(Cluster.Federations[0], run, 7);
        run.End(FedRec.Contracts.Runs.RunPhase.Completed, "all rounds done");
        await ExpectAsync(page.Locator("#connection"), "Run ended");

        Assert.Equal(0, await page.Locator("text=Promote").CountAsync());
        Assert.Equal(0, await page.Locator("#stop").CountAsync());
        Assert.Empty(Complaints);
    }
}
