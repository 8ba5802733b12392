using System.Text.Json;
using FedRec.Cli;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Integration.Tests.Storage;
using FedRec.Integration.Tests.Web;
using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Cli.Serving;

/// <summary><c>fedrec bench serve --url</c> against a server over doubles: what it asks, what it tells, and by which code it ends.</summary>
public sealed class BenchServeTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeCluster _cluster = new();
    private WebHost _host = null!;

    public async Task InitializeAsync()
    {
        var movies = _cluster.Add("movies");
        movies.Model.Add([1]);
        movies.Model.Add([2]);
        movies.AddRun("run-1", s => s with { Phase = RunPhase.Completed });
        foreach (var user in new[] { "u1", "u 2", "ü/3" })
        {
            movies.Recommender.Lists[user] = [new RecommendedItem(1, "i1", "One", 1, [], [])];
        }

        _host = await WebHost.StartAsync(_cluster);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Url_WithoutMore_AsksForTheListsOfUsersThatTheServerTells_AndChangesNothing()
    {
        var run = await RunAsync("--rate", "100", "--seconds", "1", "--warm-up", "0", "--connections", "2", "--format", "json");

        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        Assert.Equal(("movies", 3, 0), (run.Json.GetProperty("federation").GetString(), run.Json.GetProperty("users").GetInt32(), run.Json.GetProperty("failed").GetInt32()));
        Assert.Equal(["first", "idle", "sustained"], Parts(run).Select(part => part.GetProperty("name").GetString()));
        Assert.Equal((3, 100), (Parts(run)[0].GetProperty("requests").GetInt32(), Parts(run)[1].GetProperty("requests").GetInt32()));
        Assert.All(Parts(run).SelectMany(part => part.GetProperty("lines").EnumerateArray()), line => Assert.True(line.GetProperty("value").GetDouble() > 0 && line.GetProperty("unit").GetString() is "ms" or "1/s"));
        Assert.Empty(_cluster.Federations[0].History.Changes);
    }

    [Fact]
    public async Task Promote_PutsTheOtherVersionInUseAndTheFirstOneAgain_TwiceEach()
    {
        var run = await RunAsync("--parts", "promote", "--rate", "1000", "--requests", "500", "--warm-up", "0", "--format", "json");

        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        var part = Parts(run)[1];
        Assert.Equal((504, 0, 2L), (part.GetProperty("requests").GetInt32(), part.GetProperty("failed").GetInt32(), _cluster.Federations[0].Model.Serving));
        Assert.Equal("version 1 and version 2 put in use in turn, 4 times", part.GetProperty("note").GetString());
        Assert.True(part.GetProperty("lines")[0].GetProperty("reached").GetBoolean());
    }

    [Fact]
    public async Task Click_RecordsTheBestItemOfEachUsersList_AndIsTimedUntilTheListHasChanged()
    {
        var movies = _cluster.Federations[0];
        movies.History.Recorded = change => movies.Recommender.Lists[change.User] = [];

        var run = await RunAsync("--parts", "click", "--format", "json");

        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        Assert.Equal(["u 2:i1", "u1:i1", "ü/3:i1"], movies.History.Changes.Select(change => $"{change.User}:{change.Item}").Order(StringComparer.Ordinal));
        Assert.Equal((9, "3 clicks, each of another user"), (Parts(run)[1].GetProperty("requests").GetInt32(), Parts(run)[1].GetProperty("note").GetString()));
    }

    [Fact]
    public async Task Click_ThatIsRefused_HasFailed()
    {
        _cluster.Federations[0].History.Receipt = new HistoryReceipt(HistoryOutcome.UnknownItem, "There is no such item.");

        var run = await RunAsync("--parts", "click", "--format", "json");

        Assert.Equal((ExitCode.Failed, 3), (run.ExitCode, run.Json.GetProperty("failed").GetInt32()));
        Assert.Equal(JsonValueKind.Null, Parts(run)[1].GetProperty("lines")[0].GetProperty("value").ValueKind);
    }

    [Fact]
    public async Task AFailedRequest_IsCountedAndEndsTheCommandWithItsCode()
    {
        _cluster.Federations[0].Recommender.Fails = asked => asked == 7;

        var run = await RunAsync("--parts", "idle", "--rate", "200", "--seconds", "1", "--warm-up", "0", "--format", "json");

        Assert.Equal((ExitCode.Failed, 1), (run.ExitCode, run.Json.GetProperty("failed").GetInt32()));
        Assert.Equal(1, Parts(run)[1].GetProperty("failed").GetInt32());
        Assert.Contains("1 of 203 requests failed", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("needs interactions", "bench", "serve")]
    [InlineData("--federation goes with --url", "bench", "serve", "--data", "x.csv", "--federation", "a")]
    [InlineData("--learner does not go with --url", "bench", "serve", "--url", "http://localhost:1", "--learner", "mf")]
    [InlineData("is no address of a FedRec", "bench", "serve", "--url", "localhost:1")]
    public async Task Line_ThatDoesNotFit_IsRefusedWithWhatToDo(string why, params string[] line)
    {
        var run = await CommandRun.OfAsync(_folder.Path, line);

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
        Assert.Contains("next:", run.Error, StringComparison.Ordinal);
    }

    private Task<CommandRun> RunAsync(params string[] line) => CommandRun.OfAsync(_folder.Path, ["bench", "serve", "--url", $"{_host.Address}", .. line]);

    private static List<JsonElement> Parts(CommandRun run) => [.. run.Json.GetProperty("parts").EnumerateArray()];
}
