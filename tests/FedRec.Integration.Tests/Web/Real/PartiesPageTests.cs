using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using Deque.AxeCore.Playwright;
using FedRec.Cli.Parties;
using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;
using FedRec.Integration.Tests.Web.Dashboard;
using Microsoft.Playwright;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>An operator lets a party in on the page, in a real browser over a real silo.</summary>
[Collection(RealWeb.Collection)]
public sealed class PartiesPageTests(RealWeb web, Chromium chromium) : IClassFixture<Chromium>
{
    [ChromiumFact]
    public async Task Wizard_MakesACode_ShowsTheWordsOfWhoJoins_AndLetsItIn()
    {
        var federation = await BegunAsync();
        var page = await OpenAsync(federation, new());
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.AddRange(message.Type == "error" ? [message.Text] : []);
        await page.ClickAsync("#parties summary");
        await page.FillAsync("#invite [name=name]", "north");
        await page.FillAsync("#invite [name=labels]", "region=eu");
        await page.ClickAsync("#invite button");
        await Assertions.Expect(page.Locator("[data-command]")).ToContainTextAsync("fedrec party join ");
        var command = await page.Locator("[data-command]").TextContentAsync();
        await Assertions.Expect(page.Locator("[data-party=north] .badge")).ToHaveTextAsync("invited");

        var (key, words) = await JoinAsync(command!);
        using var _ = key;
        await Assertions.Expect(page.Locator("[data-party=north] .fingerprint")).ToHaveTextAsync(words, new() { Timeout = 20_000 }); // without a reload
        Assert.Empty((await page.RunAxe()).Violations.Select(violation => $"{violation.Id}: {violation.Help}"));
        await page.ClickAsync("[aria-label='Approve north']");

        await Assertions.Expect(page.Locator("[data-party=north] .badge")).ToHaveTextAsync("active");
        Assert.Equal(PartyStanding.Active, (await web.Grains.GetGrain<IPartiesGrain>(federation).FindAsync("north"))!.Standing);
        foreach (var width in new[] { 390, 1280 })
        {
            await page.SetViewportSizeAsync(width, 900);
            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"The page scrolls sideways at {width}.");
            Assert.Empty(await BrokenWords.OfAsync(page));
        }

        Assert.Empty(complaints);
        await page.CloseAsync();
    }

    [ChromiumFact]
    public async Task Wizard_WithoutScripts_DoesTheSame()
    {
        var federation = await BegunAsync();
        var page = await OpenAsync(federation, new() { JavaScriptEnabled = false });
        await page.ClickAsync("#parties summary");
        await page.FillAsync("#invite [name=name]", "north");
        await page.ClickAsync("#invite button");
        var (key, words) = await JoinAsync((await page.Locator("main code.copy").TextContentAsync())!);
        using var _ = key;

        await page.ClickAsync("main a");
        await Assertions.Expect(page.Locator("[data-party=north] .fingerprint")).ToHaveTextAsync(words);
        await page.ClickAsync("[aria-label='Approve north']");

        await Assertions.Expect(page.Locator("[data-party=north] .badge")).ToHaveTextAsync("active");
        await page.CloseAsync();
    }

    // The form of the page that is there before any federation is.
    [Theory]
    [InlineData("item,title\r\np1,Chair, red\r\n\r\np2\r\n,nothing", "p1=Chair, red;p2=")]
    [InlineData("", "")]
    public async Task Begin_MakesTheFederationWithItsItems_AndACodeThatCanBeJoinedWith(string items, string expected)
    {
        var federation = $"page-{Guid.NewGuid():N}";

        using var answer = await BeginAsync(new() { ["federation"] = federation, ["name"] = "north", ["labels"] = "region=eu", ["users"] = "many", ["ratings"] = "yes", ["items"] = items });

        var html = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var (key, words) = await JoinAsync(html[html.IndexOf("fedrec party join ", StringComparison.Ordinal)..].Split('<')[0]);
        using var _ = key;
        var party = (await web.Grains.GetGrain<IPartiesGrain>(federation).FindAsync("north"))!;
        Assert.Equal(("region=eu", words, PartyStanding.Pending, true), (party.Labels, party.Fingerprint, party.Standing, (await web.Grains.GetGrain<IFederationGrain>(federation).GetSummaryAsync()).Hosted!.HasRatings));
        Assert.Equal(expected, string.Join(';', (await web.Grains.GetGrain<ICatalogueGrain>(federation).ReadAsync()).Items.Tail.Select(item => $"{item.Id}={item.Title}")));
        Assert.Equal(expected.Length == 0, html.Contains($"fedrec party catalogue items.csv --federation {federation}", StringComparison.Ordinal)); // the next step, where there are none
        Assert.Contains($"fedrec train --federation {federation} --learner ease", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no good name", "north", "", "federation")]
    [InlineData("", "north", "", "federation")]
    [InlineData(null, "no good name", "", "The party's name is")]
    [InlineData(null, "north", "region", "such as region=eu")]
    public async Task Begin_WithSomethingThatCannotBe_SaysSo_AndLeavesNoTrace(string? federation, string name, string labels, string reason)
    {
        var wanted = federation ?? $"page-{Guid.NewGuid():N}";

        using var answer = await BeginAsync(new() { ["federation"] = wanted, ["name"] = name, ["labels"] = labels, ["users"] = "many", ["ratings"] = "no", ["items"] = "p1" });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        if (federation is null)
        {
            Assert.Equal((0, null), (await web.Grains.GetGrain<ICatalogueGrain>(wanted).CountAsync(), (await web.Grains.GetGrain<IFederationGrain>(wanted).GetSummaryAsync()).Hosted));
        }
    }

    [Fact]
    public async Task Run_OfAFederationWhosePartiesAreNotReady_SaysWhichStepIsMissing()
    {
        var federation = await BegunAsync();
        var nobody = await StartedAsync(federation);
        var other = $"page-{Guid.NewGuid():N}";
        using var party = await WireParty.ActiveAsync(web, other, items: 0);
        var nothing = await StartedAsync(other);

        Assert.Contains("No party of federation", nobody, StringComparison.Ordinal);
        Assert.Contains("east: invited", nobody, StringComparison.Ordinal);
        Assert.Contains($"fedrec party approve NAME --federation {federation}", nobody, StringComparison.Ordinal);
        Assert.Contains($"fedrec party catalogue items.csv --federation {other}", nothing, StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task Refusal_IsShownAsTheTextThatItIs_InTheTableAndAmongTheEvents()
    {
        const string Reason = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script></q></td>&amp;";
        var federation = $"page-{Guid.NewGuid():N}";
        using var party = await WireParty.ActiveAsync(web, federation);
        await web.Grains.GetGrain<IFederationGrain>(federation).StartRunAsync(new() { Federation = federation, Learner = "mf", LearnerOptions = new Dictionary<string, string> { ["dims"] = "4" }.ToImmutableSortedDictionary(), Rounds = new() { Count = 1 } });
        var order = await party.NextAsync();
        var page = await OpenAsync(federation, new());

        await party.Client.RefuseAsync(order, Reason, CancellationToken.None);

        await Assertions.Expect(page.Locator("[data-refusal=north] q")).ToHaveTextAsync(Reason, new() { Timeout = 20_000 }); // without a reload
        await Assertions.Expect(page.Locator("#log [data-kind='party.refused'] span")).ToHaveTextAsync($"Round 1: north refused: {Reason}");
        Assert.True(await page.EvaluateAsync<bool>("() => document.querySelector('#parties td.reason').offsetWidth > 0.9 * document.querySelector('#parties table').offsetWidth"), "The reason does not stand below the whole row.");
        Assert.Equal(0, await page.Locator("[data-refusal=north] img, [data-refusal=north] script, #log img, #log script").CountAsync());
        Assert.DoesNotContain("taken", await page.TitleAsync(), StringComparison.Ordinal);
        Assert.Empty((await page.RunAxe()).Violations.Select(violation => $"{violation.Id}: {violation.Help}"));
        await page.SetViewportSizeAsync(390, 900);
        Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), "The page scrolls sideways.");
        await page.CloseAsync();
    }

    private Task<HttpResponseMessage> BeginAsync(Dictionary<string, string> form) => web.Client.PostAsync(new Uri("/fedrec/parties/begin", UriKind.Relative), new FormUrlEncodedContent(form));

    private async Task<string> StartedAsync(string federation) => (await web.Grains.GetGrain<IFederationGrain>(federation).StartRunAsync(new() { Federation = federation, Learner = "ease" })).Message!;

    // By an earlier party, as the page of a federation is there once it has begun.
    private async Task<string> BegunAsync()
    {
        var federation = $"page-{Guid.NewGuid():N}";
        await web.Grains.GetGrain<IPartiesGrain>(federation).InviteAsync("east", new PartyTerms(true, "", HasRatings: false, TimeSpan.FromDays(1)));
        return federation;
    }

    private async Task<IPage> OpenAsync(string federation, BrowserNewPageOptions options)
    {
        var page = await chromium.NewPageAsync(options);
        await page.GotoAsync(new Uri(web.Client.BaseAddress!, $"/fedrec?federation={federation}").ToString());
        return page;
    }

    private static async Task<(ECDsa Key, string Words)> JoinAsync(string command)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var client = new PartyClient(PartyCodes.Read(command.Split(' ')[3]), key);
        return (key, await client.JoinAsync(CancellationToken.None));
    }
}
