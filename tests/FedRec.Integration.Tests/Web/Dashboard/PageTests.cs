using System.Net;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Web.Dashboard;

/// <summary>The page as it comes from the server: what a reader without scripts gets.</summary>
public sealed class PageTests : IAsyncLifetime
{
    private const string Nasty = "\"><script>alert('x')</script><img src=x onerror=alert(1)>&amp;";

    private readonly FakeCluster _cluster = new();
    private WebHost _host = null!;

    public async Task InitializeAsync() => _host = await WebHost.StartAsync(_cluster);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Root_LeadsToThePage()
    {
        using var response = await _host.Client.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("/fedrec", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task Page_BeforeAnyRun_SaysWhatToType()
    {
        var html = await PageAsync("/fedrec");

        Assert.Contains("Nothing has been trained yet", html, StringComparison.Ordinal);
        Assert.Contains("<code>fedrec demo</code>", html, StringComparison.Ordinal);
        Assert.Contains($"{_host.Address.GetLeftPart(UriPartial.Authority)}/api/v1/runs", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_InMidRun_ShowsTheRunItsOpenRoundTablesAndEvents()
    {
        Scenes.MidRun(_cluster);

        var html = await PageAsync("/fedrec");

        Assert.Contains("data-phase=\"Running\">Running<", html, StringComparison.Ordinal);
        Assert.Contains("<progress id=\"progress\" aria-label=\"Rounds done\" max=\"10\" value=\"6\">", html, StringComparison.Ordinal);
        Assert.Contains("41 of 100 updates", html, StringComparison.Ordinal);
        Assert.Contains("data-step=\"Collecting\" data-state=\"now\"", html, StringComparison.Ordinal);
        Assert.Contains("data-field=\"asked\">600<", html, StringComparison.Ordinal);
        Assert.Contains("popularity", html, StringComparison.Ordinal);
        Assert.Contains("0.0859", html, StringComparison.Ordinal);
        Assert.Contains("Round 7 started: 100 clients asked.", html, StringComparison.Ordinal);
        Assert.Contains("In use: <strong>version 6</strong>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_BaselinesThatWereEvaluated_StandBelowTheLearnerAsInTheTerminal()
    {
        Scenes.MidRun(_cluster);
        _cluster.Federations[0].Evaluation.Baselines.Add(new() { Name = "item-knn", Users = 943, Metrics = System.Collections.Immutable.ImmutableSortedDictionary<string, double>.Empty.Add("hr@10", 0.1533) });

        var html = await PageAsync("/fedrec");

        Assert.Contains("<th scope=\"row\">item-knn", html, StringComparison.Ordinal);
        Assert.Contains("0.1533", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_OfARunThatFailed_SaysWhy_AndOffersNoStop()
    {
        Scenes.MidRun(_cluster).End(RunPhase.Failed, "The quorum was missed.");

        var html = await PageAsync("/fedrec");

        Assert.Contains("data-phase=\"Failed\">Ended after 6 of 10 rounds: The quorum was missed.<", html, StringComparison.Ordinal);
        Assert.Matches("<form[^>]*action=\"/fedrec/runs/run-3/stop[^>]* hidden", html);
    }

    [Fact]
    public async Task Page_AskedForAUser_ShowsTheListWithReasons()
    {
        Scenes.MidRun(_cluster);

        var html = await PageAsync("/fedrec?user=u17&k=2&version=4");

        Assert.Contains("For user <strong>u17</strong>, from model version 4.", html, StringComparison.Ordinal);
        Assert.Contains("The Long Voyage", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Night Train to Lisbon", html, StringComparison.Ordinal); // the third
        Assert.Contains("because of", html, StringComparison.Ordinal);
        Assert.Contains("<em>Harbour Lights</em> <span class=\"part\">(&#x2B;0.21)</span>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_OfParties_ShowsWhatTheySayOfTheirData()
    {
        var run = Scenes.MidRun(_cluster);
        run.Status = run.Status! with { Clients = 4 };
        run.End(RunPhase.Completed, "all 10 rounds done");
        _cluster.Federations[0].DataReport = Report();

        var html = WebUtility.HtmlDecode(await PageAsync("/fedrec"));

        foreach (var cell in new[] { "north", "≥ 1,024", "5 to 10 %", "30 to 90 days", "no times", "2 parties say nothing, because of fewer than 5 users" })
        {
            Assert.Contains(cell, html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Page_WhereEachUserIsAClient_AsksNobodyForData()
    {
        Scenes.MidRun(_cluster).End(RunPhase.Completed, "all 10 rounds done");
        _cluster.Federations[0].DataReport = Report();

        Assert.DoesNotContain("id=\"data\"", await PageAsync("/fedrec"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_OfPatients_SaysThatItIsNoMedicalAdvice()
    {
        var run = Scenes.MidRun(_cluster);
        var request = run.Status!.Request;
        run.Status = run.Status with { Request = request with { Data = request.Data with { Scenario = "clinic" } } };

        Assert.Contains("Not medical advice", await PageAsync("/fedrec"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user=nobody", "no user")]
    [InlineData("user=u17&k=many", "must be a whole number")]
    [InlineData("user=u17&k=1001", "from 1 to 1000")]
    [InlineData("run=run-99", "has no run")]
    [InlineData("federation=shops", "There is no federation")]
    public async Task Page_AskedForWhatIsNotThere_SaysSoAndShowsTheRest(string query, string reason)
    {
        Scenes.MidRun(_cluster);

        var html = WebUtility.HtmlDecode(await PageAsync($"/fedrec?{query}"));

        Assert.Contains(reason, html, StringComparison.Ordinal);
        Assert.Contains("Model versions", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WhenTheDataWasMoved_SaysSoAndShowsTheRest()
    {
        Scenes.MidRun(_cluster);
        _cluster.Federations[0].Recommender.Failure = new ArgumentException("There is no file 'u.data'.");

        var html = WebUtility.HtmlDecode(await PageAsync("/fedrec"));

        Assert.Contains("There is no file 'u.data'.", html, StringComparison.Ordinal);
        Assert.Contains("Model versions", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_HasNoInlineScriptOrStyle_SoThatThePolicyHolds()
    {
        Scenes.MidRun(_cluster);

        var html = await PageAsync("/fedrec?user=u17");

        Assert.DoesNotMatch("<script(?![^>]* src=)", html);
        Assert.DoesNotMatch("<style|\\sstyle=|\\son[a-z]+=", html);
    }

    [Theory]
    [InlineData("/fedrec?user={0}")]
    [InlineData("/fedrec?user={0}&k={0}&version={0}")]
    [InlineData("/fedrec?run={0}&federation={0}")]
    [InlineData("/fedrec/fragments/recommendations?user={0}")]
    public async Task Text_FromTheAddressAndTheData_IsEncoded(string address)
    {
        var run = Scenes.MidRun(_cluster);
        var recommender = _cluster.Federations[0].Recommender;
        recommender.Lists[Nasty] =
            [Scenes.Item(1, Nasty, Nasty) with { Reasons = [new RecommendationReason(Nasty, 0.1f, [Nasty])] }];
        run.Status = run.Status! with { Protocol = Nasty, Reason = Nasty };
        run.Close(Scenes.Open(7, "Abandoned", 1) with { Reason = Nasty });
        run.Evaluate(Scenes.Evaluation(Nasty, 0, 0.1, 0.1));

        var html = await PageAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, address, Uri.EscapeDataString(Nasty)));

        Assert.Contains("&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buttons_WorkAsPlainForms()
    {
        Scenes.MidRun(_cluster);

        using var promoted = await _host.Client.PostAsync(new Uri("/fedrec/models/2/promote?federation=movies", UriKind.Relative), null);
        using var stopped = await _host.Client.PostAsync(new Uri("/fedrec/runs/run-3/stop?federation=movies", UriKind.Relative), null);

        Assert.Equal(HttpStatusCode.Redirect, promoted.StatusCode);
        Assert.Equal("/fedrec?federation=movies#models", promoted.Headers.Location?.OriginalString);
        Assert.Equal(2, _cluster.Federations[0].Model.Serving);
        Assert.True(_cluster.Federations[0].Runs[0].StopAsked);
        Assert.Equal(HttpStatusCode.Redirect, stopped.StatusCode);
    }

    [Theory]
    [InlineData("rounds?run=run-3", "Committed")]
    [InlineData("quality?run=run-3", "item-knn")]
    [InlineData("models", "version 6")]
    [InlineData("recommendations?user=u1", "Copper Canyon")]
    public async Task Fragment_IsThatPartOfThePage(string address, string content)
    {
        Scenes.MidRun(_cluster);

        var html = await PageAsync($"/fedrec/fragments/{address}");

        Assert.Contains(content, html, StringComparison.Ordinal);
        Assert.DoesNotContain("<html", html, StringComparison.Ordinal);
    }

    private static DataReportAnswer Report()
    {
        var party = new PartyData("north", 64, 1024, new PercentBand(5, 10), new PercentBand(25, 30), new PercentBand(20, 25), 30, null, new PercentBand(1, 2));
        return new DataReportAnswer("movies/run-3", party with { Party = "federation" }, [party], 2, 5, "tags");
    }

    private async Task<string> PageAsync(string address)
    {
        using var response = await _host.Client.GetAsync(new Uri(address, UriKind.Relative));
        Assert.Equal((HttpStatusCode.OK, "text/html"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return await response.Content.ReadAsStringAsync();
    }
}
