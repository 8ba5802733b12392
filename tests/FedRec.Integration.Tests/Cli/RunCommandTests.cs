using System.Globalization;
using System.Text.Json;
using FedRec.Cli;
using FedRec.Contracts.Runs;
using FedRec.Integration.Tests.Storage;
using FedRec.Integration.Tests.Web;
using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Cli;

/// <summary><c>fedrec run</c> from another machine: over HTTP, with what the API says put into words and exit codes.</summary>
public sealed class RunCommandTests : IAsyncLifetime, IDisposable
{
    private const string Key = "a-key-of-more-than-16-signs";
    private readonly TemporaryFolder _folder = new();
    private readonly FakeCluster _cluster = new();
    private WebHost _host = null!;

    public async Task InitializeAsync() => _host = await WebHost.StartAsync(_cluster);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Start_SendsWhatTheLineSays_AndNamesTheRun()
    {
        var federation = _cluster.Add("movies");
        federation.Receipt = new RunReceipt(RunOutcome.Started, "run-4", "Run run-4 of federation movies has started.");

        var run = await RunAsync("start", "--federation", "movies", "--rounds", "7", "--deadline", "30s", "--seed", "5", "--dims", "32", "--promote", "never", "--format", "json");

        Assert.Equal((ExitCode.Ok, "run-4"), (run.ExitCode, run.Json.GetProperty("run").GetString()));
        var request = federation.Requested!;
        Assert.Equal((7, TimeSpan.FromSeconds(30), 5UL, "32", "Never"), (request.Rounds.Count, request.Rounds.Deadline, request.Seed, request.LearnerOptions["dims"], request.Promote.ToString()));
        Assert.Contains("fedrec run watch movies/run-4", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WhileAnotherRunIsActive_SaysWhatTheFederationSays()
    {
        _cluster.Add("movies").Receipt = new RunReceipt(RunOutcome.Busy, "run-3", "Federation movies is training run run-3. Wait for it, stop it, or use another federation name.");

        var run = await RunAsync("start", "--federation", "movies");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("is training run run-3. Wait for it", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_ShowsTheNewestFirst()
    {
        var federation = _cluster.Add("movies");
        federation.AddRun("run-1", s => s with { Phase = RunPhase.Completed, StopReason = RunStopReason.Rounds, RoundsDone = 10, Version = 2 });
        federation.AddRun("run-2");

        var json = await RunAsync("list", "--format", "json");
        var csv = await RunAsync("list", "--federation", "movies", "--format", "csv");

        Assert.Equal(["run-2", "run-1"], json.Json.GetProperty("runs").EnumerateArray().Select(one => one.GetProperty("id").GetString()));
        Assert.StartsWith("run-2,running,mf,0,10,,", csv.Out.Split('\n')[1], StringComparison.Ordinal);
        Assert.Contains("Finished: all 10 rounds are done.", csv.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RunPhase.Completed, RunStopReason.Rounds, 3, ExitCode.Ok)]
    [InlineData(RunPhase.Stopped, RunStopReason.Requested, 3, ExitCode.Ok)]
    [InlineData(RunPhase.Stopped, RunStopReason.Requested, 0, ExitCode.Failed)]
    [InlineData(RunPhase.Failed, RunStopReason.Quorum, 0, ExitCode.QuorumNotMet)]
    [InlineData(RunPhase.Failed, RunStopReason.Diverged, 0, ExitCode.Diverged)]
    [InlineData(RunPhase.Stopped, RunStopReason.PrivacySpent, 3, ExitCode.PrivacySpent)]
    [InlineData(RunPhase.Failed, RunStopReason.PrivacySpent, 0, ExitCode.PrivacySpent)]
    [InlineData(RunPhase.Failed, RunStopReason.Error, 0, ExitCode.Failed)]
    public async Task Watch_ToTheEnd_ShowsEachRoundAndTellsByItsCodeHowItEnded(RunPhase phase, RunStopReason why, long version, int code)
    {
        var scene = Scenes.MidRun(_cluster, closed: 2);
        var watching = RunAsync("watch", "movies/run-3", "--format", "json");
        await UntilReadAsync(scene);
        Scenes.CloseRound(_cluster.Federations[0], scene, 3);
        scene.Status = scene.Status! with { StopReason = why, Version = version };
        scene.End(phase, "as it was to be");

        var run = await watching;

        Assert.True(run.ExitCode == code, run.Error);
        Assert.Equal([1, 2, 3], Rounds(run));
        Assert.Equal(phase.ToString(), run.Json.GetProperty("phase").GetString(), ignoreCase: true);
    }

    [Fact]
    public async Task Watch_Cancelled_LeavesTheRunAlone()
    {
        var scene = Scenes.MidRun(_cluster, closed: 1);
        using var end = new CancellationTokenSource();
        var watching = CommandRun.OfAsync(_folder.Path, null, end.Token, ["run", "watch", "run-3", "--cluster", $"{_host.Address}"]);
        await UntilReadAsync(scene);

        await end.CancelAsync();
        var run = await watching;

        Assert.Equal(ExitCode.Cancelled, run.ExitCode);
        Assert.False(scene.StopAsked);
        Assert.Contains("Run run-3 of movies goes on", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_WhileTheServerIsStartedAgain_GoesOnWhereItWas()
    {
        var scene = Scenes.MidRun(_cluster, closed: 2);
        var watching = RunAsync("watch", "movies/run-3");
        await UntilReadAsync(scene);
        var port = _host.Address.Port;
        await _host.DisposeAsync();
        Scenes.CloseRound(_cluster.Federations[0], scene, 3);

        _host = await WebHost.StartAsync(_cluster, port: port);
        await UntilReadAsync(scene);
        scene.Status = scene.Status! with { StopReason = RunStopReason.Rounds, Version = 3 };
        scene.End(RunPhase.Completed, "all rounds");

        var run = await watching;
        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        Assert.Equal([1, 2, 3], Rounds(run));
    }

    [Fact]
    public async Task Stop_AsksTheRunAndSaysWhereItStands_AndRefusesOneThatHasEnded()
    {
        var federation = _cluster.Add("movies");
        var ended = federation.AddRun("run-1", s => s with { Phase = RunPhase.Completed });
        var active = federation.AddRun("run-2", s => s with { RoundsDone = 4 });

        var newest = await RunAsync("stop", "--format", "json");
        var refused = await RunAsync("stop", "1");

        Assert.Equal((ExitCode.Ok, "run-2", 4), (newest.ExitCode, newest.Json.GetProperty("id").GetString(), newest.Json.GetProperty("roundsDone").GetInt32()));
        Assert.True(active.StopAsked);
        Assert.Equal(ExitCode.Failed, refused.ExitCode);
        Assert.Contains("'run-1' has already ended (Completed); there is nothing to stop", refused.Error, StringComparison.Ordinal);
        Assert.False(ended.StopAsked);
    }

    [Fact]
    public async Task Resume_OfAnUnfinishedRun_DrivesIt_AndOfAStoppedOneFollowsIt()
    {
        var federation = _cluster.Add("movies");
        var active = federation.AddRun("run-1", s => s with { RoundsDone = 4 });
        var goesOn = await RunAsync("resume", "run-1", "--format", "json");
        active.Status = active.Status! with { Phase = RunPhase.Stopped, StopReason = RunStopReason.Requested, Version = 6 };
        federation.Receipt = new RunReceipt(RunOutcome.Started, "run-2", "Run run-2 of federation movies has started.");

        var follows = await RunAsync("resume", "run-1", "--format", "json");

        Assert.True(active.ResumeAsked);
        Assert.Equal(("run-1", "resumed"), (goesOn.Json.GetProperty("run").GetString(), goesOn.Json.GetProperty("outcome").GetString()));
        Assert.Equal(("run-2", "started"), (follows.Json.GetProperty("run").GetString(), follows.Json.GetProperty("outcome").GetString()));
        Assert.Equal((6L, 6), (federation.Requested!.WarmStart, federation.Requested.Rounds.Count)); // 4 of 10 are done
    }

    // What follows would spend an ε of its own beside what was spent.
    [Theory]
    [InlineData(RunStopReason.PrivacySpent)]
    [InlineData(RunStopReason.Requested)]
    public async Task Resume_OfAPrivateRunThatHasEnded_IsRefusedAndStartsNothing(RunStopReason why)
    {
        var federation = _cluster.Add("movies");
        federation.AddRun("run-1", s => s with { Phase = RunPhase.Stopped, StopReason = why, RoundsDone = 2, Version = 3, Request = s.Request with { Privacy = new() { Epsilon = 4 } } });

        var run = await RunAsync("resume", "run-1");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("spends an ε of its own", run.Error, StringComparison.Ordinal);
        Assert.Null(federation.Requested);
    }

    [Theory]
    [InlineData(RunPhase.Completed, RunStopReason.Plateau, 5, 3, "has ended well after 5 rounds")]
    [InlineData(RunPhase.Failed, RunStopReason.Error, 5, 0, "has published no version to go on from (the store was away)")]
    [InlineData(RunPhase.Stopped, RunStopReason.Requested, 10, 3, "has done all its 10 rounds")]
    public async Task Resume_WhereNothingIsLeft_IsRefusedAndStartsNothing(RunPhase phase, RunStopReason why, int rounds, long version, string said)
    {
        var federation = _cluster.Add("movies");
        federation.AddRun("run-1", s => s with { Phase = phase, StopReason = why, RoundsDone = rounds, Version = version, Reason = "the store was away." });

        var run = await RunAsync("resume", "run-1");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
        Assert.Null(federation.Requested);
    }

    [Fact]
    public async Task Compare_ShowsTheSettingsThatDiffer_AndWhatCameOfEach()
    {
        var federation = _cluster.Add("movies");
        var first = federation.AddRun("run-1", s => s with { Request = s.Request with { Seed = 1 } });
        federation.AddRun("run-2", s => s with { Request = s.Request with { Seed = 2, Rounds = s.Request.Rounds with { CohortSize = 50 } } });
        first.Start();
        first.Evaluate(Scenes.Evaluation("mf", 10, 0.2, 0.1));

        var run = await RunAsync("compare", "run-1", "movies/2", "--format", "csv");

        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        var rows = run.Out.Split('\n').Select(row => row.Split(',')).ToList();
        Assert.Equal(["", "movies/run-1", "movies/run-2"], rows[0]);
        Assert.Equal([["rounds.cohortSize", "0", "50"], ["seed", "1", "2"]], rows.Skip(1).TakeWhile(row => row[0] != "phase"));
        Assert.Contains(rows, row => row is ["ndcg@10", "0.1000", ""]);
    }

    [Fact]
    public async Task Export_WritesTheRunAndItsCurves_AndOverwritesNothing()
    {
        Scenes.MidRun(_cluster, closed: 2);

        var run = await RunAsync("export", "run-3", "--out", "saved");
        var again = await RunAsync("export", "run-3", "--out", "saved");

        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        var saved = Path.Combine(_folder.Path, "saved");
        Assert.Equal("run-3", JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(saved, "run.json"))).RootElement.GetProperty("id").GetString());
        Assert.Equal(2, JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(saved, "metrics.json"))).RootElement.GetProperty("rounds").GetArrayLength());
        Assert.Equal(await _host.Client.GetStringAsync("/api/v1/runs/run-3/metrics?format=csv"), await File.ReadAllTextAsync(Path.Combine(saved, "metrics.csv")));
        Assert.Equal(ExitCode.Failed, again.ExitCode);
        Assert.Contains("is not an empty folder", again.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list --cluster http://127.0.0.1:1", ExitCode.StoreUnreachable, "Nothing answers at http://127.0.0.1:1/", "Start 'fedrec serve' there")]
    [InlineData("list --cluster ftp://somewhere", ExitCode.Usage, "--cluster ftp://somewhere is no address of a FedRec", "http://host:5080")]
    [InlineData("list --cluster shop", ExitCode.BadConfiguration, "FedRec:Silo:Cluster is 'shop', but the store is azurite", "silo-config/README.md")]
    [InlineData("list --cluster cluster", ExitCode.BadConfiguration, "FedRec:Storage:ConnectionString is empty", "FEDREC__Storage__ConnectionString")] // a profile
    [InlineData("list --cluster cluster --profile single", ExitCode.Usage, "--cluster cluster and --profile single are two profiles", "Give one of them")]
    [InlineData("list", ExitCode.StoreUnreachable, "No FedRec process of this machine has the store in", "--cluster http://HOST:5080")]
    [InlineData("list --set Storage.Kind=memory", ExitCode.BadConfiguration, "reached at its address only", "--cluster http://localhost:5080")]
    [InlineData("list --api-key-file key", ExitCode.Usage, "--api-key-file goes with --cluster URL", "Give the address")]
    [InlineData("list --cluster http://127.0.0.1:1 --api-key-file key", ExitCode.Usage, "There is no file", "an existing file")]
    [InlineData("watch a/b/c", ExitCode.Usage, "'a/b/c' names no run", "movies/run-3")]
    [InlineData("watch shop/run-1 --federation cafe", ExitCode.Usage, "is a run of shop, but --federation says cafe", "Leave one of them out")]
    [InlineData("compare run-1", ExitCode.Usage, "", "")]
    public async Task Verb_ThatCannotBe_SaysWhyAndWhatNext(string line, int code, string why, string next)
    {
        var run = await CommandRun.OfAsync(_folder.Path, ["run", .. line.Split(' ')]);

        Assert.True(run.ExitCode == code, run.Error);
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
        Assert.Contains(next, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "home", "blobs"))); // nothing was started
    }

    [Fact]
    public async Task Verb_AboutARunOrServerThatIsNone_SaysSo()
    {
        _cluster.Add("movies").AddRun("run-1");
        var unknown = await RunAsync("watch", "run-9");
        var stranger = await CommandRun.OfAsync(_folder.Path, "run", "list", "--cluster", $"{_host.Address}nowhere");

        Assert.Contains("Federation 'movies' has no run 'run-9'", unknown.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Failed, ExitCode.Failed), (unknown.ExitCode, stranger.ExitCode));
        Assert.Contains("There is nothing at this address", stranger.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_IsAskedForByTheServer_AndSentFromAVariableOrAFile()
    {
        _cluster.Add("movies").AddRun("run-1");
        await using var closed = await WebHost.StartAsync(_cluster, apiKey: Key);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "key"), Key + "\n");
        string[] line = ["run", "list", "--cluster", $"{closed.Address}"];

        var without = await CommandRun.OfAsync(_folder.Path, line);
        var wrong = await CommandRun.OfAsync(_folder.Path, new Dictionary<string, string> { ["FEDREC_API_KEY"] = "another" }, line);
        var known = await CommandRun.OfAsync(_folder.Path, new Dictionary<string, string> { ["FEDREC_API_KEY"] = Key }, line);
        var file = await CommandRun.OfAsync(_folder.Path, [.. line, "--api-key-file", "key"]);

        Assert.Equal((ExitCode.Failed, ExitCode.Failed, ExitCode.Ok, ExitCode.Ok), (without.ExitCode, wrong.ExitCode, known.ExitCode, file.ExitCode));
        Assert.Contains("does not take requests without a key", without.Error, StringComparison.Ordinal);
        Assert.Contains("does not take this key", wrong.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, known.Out + known.Error, StringComparison.Ordinal);
    }

    private Task<CommandRun> RunAsync(string verb, params string[] line) => CommandRun.OfAsync(_folder.Path, ["run", verb, .. line, "--cluster", $"{_host.Address}fedrec"]);

    private static IEnumerable<int> Rounds(CommandRun run) => run.Error.Split('\n').Where(line => line.Contains("  clients ", StringComparison.Ordinal))
        .Select(line => int.Parse(line.Split("round ")[1].Split('/')[0], CultureInfo.InvariantCulture));

    // Until somebody waits for the next event.
    private static async Task UntilReadAsync(FakeRun run)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        run.Reads.Clear();
        for (var quiet = new PeriodicTimer(TimeSpan.FromMilliseconds(20)); run.Reads.IsEmpty || run.Reads.Last().Wait == TimeSpan.Zero; await quiet.WaitForNextTickAsync(limit.Token))
        {
        }
    }
}
