using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class SweepTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Trials => Path.Combine(_folder.Path, "runs", "sweep-sweep", "trials");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Sweep_ToTheEnd_RanksByValidationAndRepeatsNoTrial()
    {
        Write("""{"grid": {"dims": [4, 8], "server-lr": [0.000001, 0.05]}, "seeds": 2, "metric": "ndcg@10"}""");
        var first = await RunAsync("--format", "json");
        var again = await RunAsync("--format", "csv");

        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (first.ExitCode, again.ExitCode));
        var trials = first.Json.GetProperty("trials").EnumerateArray().ToList();
        var means = trials.Select(trial => trial.GetProperty("validation").GetProperty("ndcg@10").GetProperty("mean").GetDouble()).ToList();
        Assert.Equal(4, trials.Count);
        Assert.Equal(means.OrderDescending(), means);
        Assert.Equal("0.05", trials[0].GetProperty("options").GetProperty("server-lr").GetString());
        Assert.All(trials, trial => Assert.False(trial.TryGetProperty("test", out _)));
        Assert.True(first.Json.GetProperty("winnerOnTest").TryGetProperty("ndcg@10", out _));
        Assert.Equal(4, again.Error.Split('\n').Count(line => line.Contains("was run before", StringComparison.Ordinal)));
        Assert.DoesNotContain("round 1/", again.Error, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(Path.Combine(_folder.Path, "runs", "sweep-sweep", "sweep.csv")), again.Out);
    }

    [Fact]
    public async Task Sweep_CutOffAfterSomeTrials_GoesOnWithTheOthersOnly()
    {
        Write("""{"grid": {"dims": [4]}}""");
        await RunAsync();
        var done = Directory.GetDirectories(Trials);
        var written = File.GetLastWriteTimeUtc(Path.Combine(done[0], "result.json"));
        Write("""{"grid": {"dims": [8, 4]}}""");

        var more = await RunAsync("--format", "json");

        Assert.Equal(2, more.Json.GetProperty("trials").GetArrayLength());
        Assert.Equal(2, Directory.GetDirectories(Trials).Length);
        Assert.Equal(written, File.GetLastWriteTimeUtc(Path.Combine(done[0], "result.json")));
        Assert.Contains("trial 2/2  dims=4  was run before", more.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sweep_WithAPointThatNeverMeetsTheQuorum_RanksItLastAndGoesOn()
    {
        Write("""{"grid": {"dropout": [0.999, 0.1]}}""");

        var run = await RunAsync("--format", "json", "--quorum", "1", "--report-goal", "10");

        var trials = run.Json.GetProperty("trials").EnumerateArray().ToList();
        Assert.Equal(["0.1", "0.999"], trials.Select(trial => trial.GetProperty("options").GetProperty("dropout").GetString()));
        var (id, failure) = (trials[1].GetProperty("id").GetString(), trials[1].GetProperty("failure").GetString());
        Assert.Contains("quorum", failure, StringComparison.Ordinal);
        var table = await RunAsync("--quorum", "1", "--report-goal", "10");
        Assert.Contains($"Trial {id} failed: {failure}", table.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"grid": {"dimz": [8]}}""", "", "Did you mean dims?")]
    [InlineData("""{"grid": {"seed": [1, 2]}}""", "", "option to search over 'seed'")]
    [InlineData("""{"grid": {"dims": [8, 9999]}}""", "", "dims=9999 cannot be run")]
    [InlineData("""{"grid": {"server-lr": ["fast"]}}""", "", "server-lr=fast cannot be run")]
    [InlineData("""{"grid": {"dims": [8]}}""", "--baselines none", "no --baselines")]
    public async Task Sweep_WithAWrongPoint_IsRefusedBeforeAnythingIsTrained(string text, string more, string expected)
    {
        Write(text);

        var run = await RunAsync(more.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Trials));
    }

    private void Write(string text) => File.WriteAllText(Path.Combine(_folder.Path, "sweep.json"), text);

    private Task<CommandRun> RunAsync(params string[] more) => CommandRun.OfAsync(_folder.Path,
        ["simulate", "--sweep", "sweep.json", "--clients", "40", "--items", "30", "--rounds", "3", "--dims", "6", "--storage", "memory", .. more]);
}
