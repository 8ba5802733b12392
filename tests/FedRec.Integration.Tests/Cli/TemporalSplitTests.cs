using System.Text.Json;
using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>One cut in time, as a user meets it.</summary>
public sealed class TemporalSplitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Simulate_WithACutInTime_SaysWhereItIsAndWhatIsApartFromTheMeans()
    {
        var run = await RunAsync("--clients", "80", "--items", "50", "--split", "temporal", "--test-share", "0.3", "--out", "o", "--format", "json");
        var table = await RunAsync("--clients", "80", "--items", "50", "--split", "temporal", "--test-share", "0.3", "--out", "t");

        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (run.ExitCode, table.ExitCode));
        Assert.StartsWith("temporal split: training before 20", run.Json.GetProperty("protocol").GetString(), StringComparison.Ordinal);
        var quantiles = run.Json.GetProperty("quantiles");
        Assert.All(["worst-decile", "worst-tenure", "worst-popularity"], name => Assert.InRange(quantiles.GetProperty($"ndcg@10/{name}").GetDouble(), 0, run.Json.GetProperty("metrics").GetProperty("ndcg@10").GetProperty("mean").GetDouble()));
        Assert.True(quantiles.TryGetProperty("ndcg@10/new-users", out _));
        Assert.Contains("NDCG@10 of the worst group beside the mean 0.", table.Out, StringComparison.Ordinal);
        Assert.Contains("; users by tenure 0.", table.Out, StringComparison.Ordinal);
        Assert.Contains("NDCG@10 apart from the mean: users without training items 0.", table.Out, StringComparison.Ordinal);
        var test = (await File.ReadAllLinesAsync(Path.Combine(_folder.Path, "o", "metrics.jsonl"))).Select(line => JsonDocument.Parse(line).RootElement).Single(line => line.GetProperty("kind").GetString() == "test");
        var groups = test.GetProperty("groups").EnumerateArray().ToLookup(group => group.GetProperty("kind").GetString()!, group => group.GetProperty("count").GetInt64());
        Assert.All(["activity", "tenure", "cold-start", "popularity"], kind => Assert.Equal(run.Json.GetProperty("evaluatedUsers").GetInt64(), groups[kind].Sum()));
        Assert.Contains($"apart from the means: {groups["new-users"].Single()} users without training items", run.Json.GetProperty("protocol").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_StoppingOnValidation_TakesItFromBeforeTheCut()
    {
        var run = await RunAsync("--clients", "80", "--items", "50", "--split", "temporal", "--test-share", "0.2", "--patience", "2", "--evaluate-every", "1", "--learner", "mf", "--rounds", "3", "--dims", "8");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("UTC, validation from then until 20", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_DataWithoutTimes_IsRefusedWithWhatToDo()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "ratings.csv"), "user,item\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"u{i % 8},i{i / 8}\n")));

        var run = await RunAsync("--data", "ratings.csv", "--split", "temporal");

        Assert.NotEqual(ExitCode.Ok, run.ExitCode);
        Assert.Contains("A temporal split needs times, but the rows have none.", run.Error, StringComparison.Ordinal);
        Assert.Contains("--time-column", run.Error, StringComparison.Ordinal);
        Assert.Contains("ratings.csv", run.Error, StringComparison.Ordinal);
    }

    private Task<CommandRun> RunAsync(params string[] options) => CommandRun.OfAsync(_folder.Path,
        ["simulate", "--storage", "memory", "--baselines", "none", "--recs", "0", .. options.Contains("--learner") ? options : [.. options, "--learner", "ease", "--lambda", "10", "--kernel", "0", "--recency", "0"]]);
}
