using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Web.Api;

public sealed class RunsApiTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new();
    private WebHost _host = null!;

    public async Task InitializeAsync() => _host = await WebHost.StartAsync(_cluster);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Federations_AreListed_MostRecentlyActiveFirst()
    {
        _cluster.Add("old").AddRun("run-1", s => s with { Phase = RunPhase.Completed });
        _cluster.Add("new").AddRun("run-7");

        var list = await _host.GetAsync("/api/v1/federations");

        Assert.Equal(["new", "old"], list.EnumerateArray().Select(f => f.GetProperty("name").GetString()));
        Assert.Equal("run-7", list[0].GetProperty("activeRun").GetString());
        Assert.Equal(JsonValueKind.Null, list[1].GetProperty("activeRun").ValueKind);
    }

    [Theory]
    [InlineData("/api/v1/runs?federation=movies")]
    [InlineData("/api/v1/runs/run-1?federation=movies")]
    [InlineData("/api/v1/models?federation=movies")]
    [InlineData("/api/v1/recommendations/u1?federation=movies")]
    public async Task Read_OfANamedFederation_AsksNoDirectoryOfAll(string address)
    {
        _cluster.Add("movies").AddRun("run-1", s => s with { Phase = RunPhase.Completed });

        using var response = await _host.Client.GetAsync(new Uri(address, UriKind.Relative));

        Assert.NotEqual(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(0, _cluster.DirectoryCalls);
    }

    [Fact]
    public async Task Runs_WhileTheDataOfANewOneIsBeingRead_ShowItFirst()
    {
        var federation = _cluster.Add("movies");
        federation.AddRun("run-1", s => s with { Phase = RunPhase.Completed });
        federation.AddRun("run-2", s => s with { Phase = RunPhase.Loading });

        var runs = await _host.GetAsync("/api/v1/runs?federation=movies");

        Assert.Equal(["run-2", "run-1"], runs.EnumerateArray().Select(run => run.GetProperty("id").GetString()));
        Assert.Equal(("Loading", true), (runs[0].GetProperty("phase").GetString(), runs[0].GetProperty("active").GetBoolean()));
    }

    [Fact]
    public async Task DataReport_OfAFederation_IsWhatItsPartiesSay()
    {
        var party = new PartyData("east", 64, 512, new(5, 10), new(35, 40), new(25, 30), 90, 7, Drift: null);
        _cluster.Add("clinic").DataReport = new DataReportAnswer("clinic/run-3", party with { Party = "federation" }, [party], 2, 5, "tags");

        var report = await _host.GetAsync("/api/v1/federations/clinic/data");

        var east = Assert.Single(report.GetProperty("parties").EnumerateArray());
        Assert.Equal(("run-3", 2, 5), (report.GetProperty("run").GetString(), report.GetProperty("withheld").GetInt32(), report.GetProperty("minimumCohort").GetInt32()));
        Assert.Equal(("east", 64, 90), (east.GetProperty("party").GetString(), east.GetProperty("usersAtLeast").GetInt32(), east.GetProperty("medianAgeDaysAtLeast").GetInt32()));
        Assert.Equal(10, east.GetProperty("density").GetProperty("toPercent").GetInt32());
        Assert.Equal(JsonValueKind.Null, east.GetProperty("drift").ValueKind);
    }

    [Fact]
    public async Task DataReport_WithoutARun_IsNotFoundAndSaysWhatNext()
    {
        _cluster.Add("new");
        Assert.Contains("POST /fedrec/api/v1/runs", (await _host.RefusedAsync(404, "/api/v1/federations/new/data")).GetProperty("detail").GetString(), StringComparison.Ordinal);
        await _host.RefusedAsync(404, "/api/v1/federations/other/data");
    }

    [Fact]
    public async Task List_WithoutFederation_IsAboutTheMostRecentlyActiveOne_NewestRunFirst()
    {
        _cluster.Add("old").AddRun("run-9");
        var federation = _cluster.Add("new");
        federation.AddRun("run-1", s => s with { Phase = RunPhase.Completed });
        federation.AddRun("run-2");

        var runs = await _host.GetAsync("/api/v1/runs");
        var newest = await _host.GetAsync("/api/v1/runs?federation=new&limit=1");

        Assert.Equal(["run-2", "run-1"], runs.EnumerateArray().Select(r => r.GetProperty("id").GetString()));
        Assert.Equal("Running", runs[0].GetProperty("phase").GetString());
        Assert.Equal("run-2", Assert.Single(newest.EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Get_SumsTheClosedRounds()
    {
        Scenes.MidRun(_cluster, closed: 2);

        var run = await _host.GetAsync("/api/v1/runs/run-3");

        Assert.Equal(2, run.GetProperty("roundsDone").GetInt32());
        Assert.Equal(10, run.GetProperty("roundsPlanned").GetInt32());
        var totals = run.GetProperty("totals");
        Assert.Equal(200, totals.GetProperty("asked").GetInt32());
        Assert.Equal(90 + 89, totals.GetProperty("participants").GetInt32());
        // Rounds 1 and 2 took 221 ms and 230 ms.
        Assert.Equal(179 / 0.451, totals.GetProperty("clientTrainingsPerSecond").GetDouble(), 6);
        Assert.Equal(943, run.GetProperty("population").GetProperty("users").GetInt32());
    }

    [Fact]
    public async Task Start_Accepted_AnswersCreatedWithTheAddressOfTheRun()
    {
        var federation = _cluster.Add("movies");
        federation.Receipt = new RunReceipt(RunOutcome.Started, "run-4", "Started.");
        var body = new { federation = "movies", learner = "mf", rounds = new { count = 7, deadline = "00:00:30" }, seed = 5, learnerOptions = new { dims = "32" } };

        using var response = await _host.Client.PostAsJsonAsync("/api/v1/runs", body);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("/fedrec/api/v1/runs/run-4?federation=movies", response.Headers.Location?.OriginalString);
        var request = federation.Requested!;
        Assert.Equal((7, TimeSpan.FromSeconds(30), 5UL), (request.Rounds.Count, request.Rounds.Deadline, request.Seed));
        Assert.Equal("32", request.LearnerOptions["dims"]);
    }

    [Fact]
    public async Task Start_OfTheSameRunAgain_AnswersOk()
    {
        _cluster.Add("movies").Receipt = new RunReceipt(RunOutcome.Resumed, "run-4", "It goes on.");

        using var response = await _host.Client.PostAsJsonAsync("/api/v1/runs", new { });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Resumed", (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData(RunOutcome.Busy, 409)]
    [InlineData(RunOutcome.Invalid, 400)]
    public async Task Start_Refused_SaysWhy(RunOutcome outcome, int status)
    {
        _cluster.Add("movies").Receipt = new RunReceipt(outcome, "run-1", "The reason in words.");

        var problem = await _host.RefusedAsync(status, "/api/v1/runs", HttpMethod.Post, JsonContent.Create(new { }));

        Assert.Equal("The reason in words.", problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("""{ "rounds": { "cohrtSize": 5 } }""", "$.rounds")]
    [InlineData("""{ "seed": "many" }""", "$.seed")]
    [InlineData("""{ "federation": """, "line 1")]
    public async Task Start_BodyNotUsable_SaysWhere(string body, string where)
    {
        var content = new StringContent(body, Encoding.UTF8, "application/json");

        var problem = await _host.RefusedAsync(400, "/api/v1/runs", HttpMethod.Post, content);

        Assert.Contains(where, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain("FedRec.", problem.GetProperty("detail").GetString(), StringComparison.Ordinal); // no type names
    }

    [Fact]
    public async Task Start_FederationThatIsNoName_IsRefusedBeforeAnyGrainIsMade()
    {
        await _host.RefusedAsync(400, "/api/v1/runs", HttpMethod.Post, JsonContent.Create(new { federation = "a/b" }));
    }

    [Fact]
    public async Task Stop_ActiveRun_AsksTheGrain()
    {
        var run = _cluster.Add("movies").AddRun("run-1");

        using var response = await _host.Client.PostAsync(new Uri("/api/v1/runs/run-1/stop", UriKind.Relative), null);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.True(run.StopAsked);
    }

    [Fact]
    public async Task Stop_RunThatHasEnded_Conflicts()
    {
        var run = _cluster.Add("movies").AddRun("run-1", s => s with { Phase = RunPhase.Completed });

        await _host.RefusedAsync(409, "/api/v1/runs/run-1/stop", HttpMethod.Post);

        Assert.False(run.StopAsked);
    }

    [Theory]
    [InlineData("/api/v1/runs/run-99")]
    [InlineData("/api/v1/runs/run-99/rounds")]
    [InlineData("/api/v1/runs/run-99/metrics")]
    [InlineData("/api/v1/runs/run-99/events")]
    [InlineData("/api/v1/events?run=run-99")]
    [InlineData("/api/v1/runs/a%20b")]
    public async Task UnknownRun_IsNotFound_AndTheAnswerSaysWhereToLook(string address)
    {
        _cluster.Add("movies").AddRun("run-1");

        var problem = await _host.RefusedAsync(404, address);

        Assert.Contains("/api/v1/runs?federation=movies", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
