using FedRec.Cli;
using FedRec.Core.Data;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>Results of data that is small or odd, as people bring it.</summary>
public sealed class ResultCaseTests : IDisposable
{
    private static readonly string[] s_nasty =
        ["x,1", "x\"q\"", "tab\there", "new\nline", "return\rhere", "back\\slash", "\\t", "=cmd()", "+1", "-2", "@sum", " lead", "#hash", "日本,", "\u001b[31mred", "plain"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Simulate_NobodyHasAHeldOutItem_SaysSoAndShowsNoZero()
    {
        Write("ratings.csv", "user,item\n" + string.Concat(Enumerable.Range(0, 12).Select(i => $"u{i},i{i % 4}\n")));

        var table = await RunAsync("--learner", "ease", "--baselines", "all", "--recs", "0", "--out", "a");
        var json = await RunAsync("--learner", "ease", "--baselines", "popularity", "--recs", "0", "--out", "b", "--format", "json");

        Assert.Contains("Nobody to evaluate: no user has a held-out interaction", table.Out, StringComparison.Ordinal);
        Assert.Contains("HR@10", table.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("0.0000", table.Out, StringComparison.Ordinal);
        Assert.Equal(0, json.Json.GetProperty("evaluatedUsers").GetInt64());
        Assert.Empty(json.Json.GetProperty("metrics").EnumerateObject());
        Assert.Empty(json.Json.GetProperty("baselines").GetProperty("popularity").EnumerateObject());
    }

    [Theory]
    [InlineData("patience is 1, but nobody has a validation interaction", "--patience", "1", "--evaluate-every", "1")]
    [InlineData("target is ndcg@10, but nobody has a validation interaction", "--target", "ndcg@10=0.1")]
    public async Task Simulate_StoppingOnValidationThatNobodyHas_IsRefused(string expected, params string[] options)
    {
        Write("ratings.csv", "user,item\n" + string.Concat(Enumerable.Range(0, 24).Select(i => $"u{i % 12},i{i % 5}\n")));

        var run = await RunAsync([.. options, "--rounds", "4", "--baselines", "none"], expectFailure: true);

        Assert.NotEqual(ExitCode.Ok, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulate_IdsWithEverySign_LeavesListsOfFourFieldsThatReadBack()
    {
        Write("ratings.csv", "user,item\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{Quoted(s_nasty[i % 15])},{Quoted(s_nasty[(i * 5 / 3) % 16])}\n")));
        var data = DatasetSource.Open(new DatasetOptions { Path = Path.Combine(_folder.Path, "ratings.csv") });

        await RunAsync("--learner", "ease", "--baselines", "none", "--recs", "5", "--out", "o");

        var file = Path.Combine(_folder.Path, "o", "recs.tsv");
        var lines = (await File.ReadAllTextAsync(file)).Split('\n');
        Assert.All(lines[..^1], line => Assert.Equal(4, line.Split('\t').Length));
        var read = DatasetSource.Open(new DatasetOptions { Path = file });
        Assert.Equal(lines.Length - 2, read.Report.Rows);
        Assert.All(Enumerable.Range(0, read.Users.Count), user => Assert.True(data.Users.TryGet(read.Users[user], out _), read.Users[user]));
        Assert.All(Enumerable.Range(0, read.Items.Count), item => Assert.True(data.Items.TryGet(read.Items[item], out _), read.Items[item]));
    }

    [Fact]
    public async Task Recommend_IdsThatCommandATerminal_AreShownAndNotObeyed()
    {
        Write("ratings.csv", "user,item\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"u{i % 15},{Quoted(s_nasty[(i * 5 / 3) % 16])}\n")));

        var inspected = await CommandRun.OfAsync(_folder.Path, "data", "inspect", "ratings.csv");
        var missing = await CommandRun.OfAsync(_folder.Path, "data", "inspect", "no\u001b[2Jfile.csv");

        Assert.Contains("no\\u001b[2Jfile.csv", missing.Error, StringComparison.Ordinal);
        Assert.All(new[] { inspected.Out, inspected.Error, missing.Error }, text => Assert.DoesNotContain(text, sign => char.IsControl(sign) && sign is not ('\n' or '\r')));
    }

    private static string Quoted(string id) => $"\"{id.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.Path, name), text);

    private Task<CommandRun> RunAsync(params string[] options) => RunAsync(options, expectFailure: false);

    private async Task<CommandRun> RunAsync(string[] options, bool expectFailure)
    {
        var run = await CommandRun.OfAsync(_folder.Path, ["simulate", "--data", "ratings.csv", "--storage", "memory", "-q", .. options]);
        Assert.True(expectFailure || run.ExitCode == ExitCode.Ok, run.Error);
        return run;
    }
}
