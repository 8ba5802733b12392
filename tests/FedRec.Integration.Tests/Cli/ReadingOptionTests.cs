using System.Diagnostics;
using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>Every verb that reads interactions can be told what a file does not tell itself, and says what it found out.</summary>
public sealed class ReadingOptionTests : IDisposable
{
    private static readonly string[] s_options = ["--no-header", "--separator", "^", "--user-column", "2", "--item-column", "1", "--time-column", "4", "--kind-column", "3", "--kinds", "0=view,3=purchase"];
    private readonly TemporaryFolder _folder = new();

    public ReadingOptionTests() => Write("odd.txt", string.Concat(Enumerable.Range(0, 40).Select(row => $"i{row % 7}^u{row % 5}^{(row % 2 == 0 ? 0 : 3)}^{1_577_836_800_000 + (row * 1000)}\n")));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Inspect_SaysFormatColumnsAndUnitOfTimes()
    {
        Write("events.tsv", "timestamp\tvisitorid\titemid\ttransactionid\n1433912532117\tu\ta\t1\n1433912532118\tu\tb\t2\n");

        var run = await RunAsync("data", "inspect", "events.tsv");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Matches("format[ │]+text with tabs between fields, utf-8 ", run.Out);
        Assert.Matches("columns[ │]+user from visitorid, item from itemid, time from timestamp ", run.Out);
        Assert.Matches("columns that are not used[ │]+transactionid ", run.Out);
        Assert.Matches("times[ │]+milliseconds since 1970: 2015-06-10 to 2015-06-10 ", run.Out);
    }

    [Fact]
    public async Task Simulate_SaysOnceWhatWasInDoubt()
    {
        Write("priced.csv", "user,item,price\n" + string.Concat(Enumerable.Range(0, 40).Select(row => $"u{row % 5},i{row % 7},1\n")));

        var run = await RunAsync("simulate", "--storage", "memory", "--data", "priced.csv", "--rounds", "1", "--seeds", "2", "--baselines", "none", "--recs", "0", "--out", "priced");
        var quiet = await RunAsync("simulate", "--storage", "memory", "-q", "--data", "priced.csv", "--rounds", "1", "--baselines", "none", "--recs", "0", "--out", "quiet");

        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (run.ExitCode, quiet.ExitCode));
        Assert.Single(run.Error.Split('\n'), line => line.TrimEnd() == "note: Columns that are not used: price.");
        Assert.DoesNotContain("price", quiet.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryVerb_TakesTheOptions()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "key.txt"), new string('k', 64));
        foreach (var party in new[] { "parties/one", "parties/two" })
        {
            Directory.CreateDirectory(Path.Combine(_folder.Path, party));
            File.Copy(Path.Combine(_folder.Path, "odd.txt"), Path.Combine(_folder.Path, party, "interactions.csv"));
        }

        string[][] lines =
        [
            ["data", "inspect", "odd.txt"],
            ["data", "split", "odd.txt", "--parties", "2", "--out", "split"],
            ["data", "pseudonymize", "odd.txt", "--key-file", "key.txt", "--out", "hashed.csv"],
            ["data", "align", "parties", "--on", "id", "--salt-file", "key.txt", "--out", "aligned"],
            ["simulate", "--storage", "memory", "-q", "--data", "odd.txt", "--learner", "ease", "--baselines", "none", "--recs", "0", "--out", "run"],
        ];
        foreach (var line in lines)
        {
            var run = await RunAsync([.. line, .. s_options]);

            Assert.True(run.ExitCode == ExitCode.Ok, $"{string.Join(' ', line)}: {run.Error}");
        }

        var split = await RunAsync("data", "inspect", "split", "--format", "json");
        Assert.Equal((5, 7), (split.Json.GetProperty("users").GetInt32(), split.Json.GetProperty("items").GetInt32()));
        Assert.All(["split", "aligned"], folder => Assert.Contains("kind", File.ReadLines(Directory.EnumerateFiles(Path.Combine(_folder.Path, folder), "interactions.csv", SearchOption.AllDirectories).First()).First(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("data inspect odd.txt --separator ab", "The separator is 'ab'")]
    [InlineData("data inspect odd.txt --user-column who", "--user-column is 'who', and there is no such column")]
    [InlineData("simulate --user-column who", "--user-column is said of a file, but there is no --data")]
    [InlineData("simulate --data odd.txt --kinds 0=look", "The kind '0=look' is not of the form")]
    [InlineData("simulate --data odd.txt --encoding latin99", "The encoding is 'latin99'")]
    [InlineData("simulate --data /dev/zero", "--data is a pipe or a device")]
    [InlineData("demo --once --data /dev/zero", "--data is a pipe or a device")]
    [InlineData("data inspect /dev/zero", "It is a device and no file")]
    public async Task AnOptionThatCannotBeFollowed_IsRefusedBeforeASiloStarts(string line, string expected)
    {
        var run = await RunAsync(line.Split(' '));

        Assert.NotEqual(ExitCode.Ok, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "home")));
    }

    [Fact]
    public async Task Simulate_ALink_IsWhatItLeadsTo()
    {
        using (var made = Process.Start("mkfifo", Path.Combine(_folder.Path, "pipe")))
        {
            await made.WaitForExitAsync();
        }

        File.CreateSymbolicLink(Path.Combine(_folder.Path, "to-pipe.csv"), "pipe"); // as /dev/fd/63 of a shell's <(…)
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "to-file.txt"), "odd.txt");

        var pipe = await RunAsync("simulate", "--storage", "memory", "--data", "to-pipe.csv");
        var file = await RunAsync(["simulate", "--storage", "memory", "-q", "--data", "to-file.txt", "--learner", "ease", "--baselines", "none", "--recs", "0", "--out", "linked", .. s_options]);

        Assert.Equal(ExitCode.Usage, pipe.ExitCode);
        Assert.Contains("--data is a pipe or a device", pipe.Error, StringComparison.Ordinal);
        Assert.True(file.ExitCode == ExitCode.Ok, file.Error);
    }

    [Fact]
    public async Task Inspect_APipeThatNobodyWritesTo_EndsAtTheFirstCancellation()
    {
        var pipe = Path.Combine(_folder.Path, "pipe");
        using (var made = Process.Start("mkfifo", pipe))
        {
            await made.WaitForExitAsync();
        }

        using var cancel = new CancellationTokenSource();
        var run = CommandRun.OfAsync(_folder.Path, null, cancel.Token, "data", "inspect", "pipe");
        await cancel.CancelAsync();

        Assert.Equal(ExitCode.Cancelled, (await run).ExitCode);
        await using var writer = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite); // lets the reader go that was left behind
    }

    private Task<CommandRun> RunAsync(params string[] line) => CommandRun.OfAsync(_folder.Path, line);

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder.Path, name), content);
}
