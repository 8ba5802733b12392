using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Web.Api;

public sealed class RunResultsApiTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new();
    private WebHost _host = null!;

    public async Task InitializeAsync() => _host = await WebHost.StartAsync(_cluster);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Rounds_AreListedOldestFirst_AndFoundByNumber()
    {
        Scenes.MidRun(_cluster, closed: 3);

        var rounds = await _host.GetAsync("/api/v1/runs/run-3/rounds");
        var second = await _host.GetAsync("/api/v1/runs/run-3/rounds/2");

        Assert.Equal([1, 2, 3], rounds.EnumerateArray().Select(r => r.GetProperty("round").GetInt32()));
        Assert.Equal(rounds[1].GetRawText(), second.GetRawText());
        Assert.Equal("Committed", second.GetProperty("phase").GetString());
    }

    [Fact]
    public async Task Round_NotClosedYet_IsNotFound()
    {
        Scenes.MidRun(_cluster, closed: 3);

        var problem = await _host.RefusedAsync(404, "/api/v1/runs/run-3/rounds/4");

        Assert.Contains("3 of 10", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_AsJson_HoldRoundsEvaluationsAndTheLearnersName()
    {
        Scenes.MidRun(_cluster, closed: 2);

        var metrics = await _host.GetAsync("/api/v1/runs/run-3/metrics");

        Assert.Equal("mf", metrics.GetProperty("learner").GetString());
        Assert.Equal(2, metrics.GetProperty("rounds").GetArrayLength());
        Assert.Equal(["popularity", "item-knn", "ials", "mf"],
            metrics.GetProperty("evaluations").EnumerateArray().Select(e => e.GetProperty("name").GetString()));
        Assert.Equal(0.0859, metrics.GetProperty("evaluations")[0].GetProperty("metrics").GetProperty("hr@10").GetDouble());
    }

    [Fact]
    public async Task Metrics_AsCsv_AreOneLinePerRoundThenOnePerBaseline()
    {
        var run = _cluster.Add("movies").AddRun("run-1");
        run.Close(Scenes.Open(1, "Committed", 8) with { Loss = 0.5, Milliseconds = 12.5, LargestShare = 0.25, StepNorm = 1.5, Version = 1, ClippedShare = 0.75 });
        run.Close(Scenes.Open(2, "Abandoned", 2));
        run.Evaluate(Scenes.Evaluation("mf", 1, 0.1, 0.05));
        run.Evaluate(Scenes.Evaluation("mf", 1, 0.2, 0.15) with { OnValidation = true });
        run.Evaluate(Scenes.Evaluation("a,b", 0, 0.04, double.NaN));

        var response = await _host.Client.GetAsync(new Uri("/api/v1/runs/run-1/metrics?format=csv", UriKind.Relative));
        var lines = (await response.Content.ReadAsStringAsync()).Split("\r\n");

        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("name,round,phase,asked,participants,dropped,late,rejected,loss,largestShare,bytesUp,bytesDown,milliseconds,stepNorm,version,clippedShare," +
            "coverage@10,hr@10,mrr@10,ndcg@10,recall@20,validation/coverage@10,validation/hr@10,validation/mrr@10,validation/ndcg@10,validation/recall@20", lines[0]);
        Assert.StartsWith("mf,1,Committed,100,8,0,0,0,0.5,0.25,0,0,12.5,1.5,1,0.75,0.31,0.1,", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("mf,2,Abandoned,100,2,0,0,0,,0,0,0,0,0,0,0,,,,,", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("\"a,b\",0,,,,,,,,,,,,,,,0.31,0.04,,,", lines[3], StringComparison.Ordinal);
        Assert.Equal([""], lines[4..]); // ends with a line break
    }

    [Fact]
    public async Task Metrics_ValueThatIsNotFinite_IsNullInJson()
    {
        var run = _cluster.Add("movies").AddRun("run-1");
        run.Close(Scenes.Open(1, "Committed", 8) with { Loss = double.PositiveInfinity });

        var metrics = await _host.GetAsync("/api/v1/runs/run-1/metrics");

        Assert.Equal("null", metrics.GetProperty("rounds")[0].GetProperty("loss").GetRawText());
    }

    [Fact]
    public async Task Metrics_FormatThatIsUnknown_IsRefused()
    {
        _cluster.Add("movies").AddRun("run-1");

        var problem = await _host.RefusedAsync(400, "/api/v1/runs/run-1/metrics?format=xml");

        Assert.Contains("json or csv", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
