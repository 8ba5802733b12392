using System.Text.RegularExpressions;
using FedRec.Cli;
using FedRec.Cli.Comparisons;
using FedRec.Cli.Simulation;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>What is said of traffic is true: clients of a silo send nothing to anybody, so their bytes would travel; what moved did so between silos.</summary>
public sealed partial class TrafficWordsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Simulate_InOneProcess_SaysWhatWouldTravel_AndThatNothingMoved()
    {
        var run = await CommandRun.OfAsync(_folder.Path, "simulate", "--clients", "40", "--items", "30", "--rounds", "2", "--dims", "4", "--storage", "memory", "--baselines", "none", "--recs", "0");

        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
        Assert.Matches(@"Traffic: [\d.,]+ \w+ up and [\d.,]+ \w+ down would travel if each client were a process of\s+its own", run.Out);
        Assert.DoesNotContain("moved between silos", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Table_OfModes_SaysWhatWouldTravel()
    {
        var spread = new Spread(0.1, 0.01);
        var table = ModeTable.Of(new ModeReport([new ModeResult("synchronous", null, spread, spread, 100, 60, 1_000, 2_000, 3_000)], 0.2, 0.1, 3, "modes"));

        Assert.Equal(["would travel up", "would travel down"], table.Columns.Where(column => column.Contains("travel", StringComparison.Ordinal)).Select(column => column.TrimStart('>')));
        Assert.Contains(table.Notes, note => note.Contains("would travel if each client were a process of its own", StringComparison.Ordinal));
    }

    // Whoever shows these numbers somewhere else says so too; ModeTable has the words in its heading.
    [Fact]
    public void Sources_ThatShowBytesOfClients_SayThatTheyWouldTravel()
    {
        var shown = Files("src/FedRec.Cli", "*.cs").Concat(Files("src/FedRec.Web/Assets", "*")).SelectMany(file => File.ReadLines(file).Where(line => ShownBytes().IsMatch(line)).Select(line => (File: Path.GetFileName(file), Line: line))).ToArray();

        Assert.NotEmpty(shown);
        Assert.All(shown.Where(one => one.File != "ModeComparison.cs"), one => Assert.Contains("would travel", one.Line, StringComparison.Ordinal));
    }

    [Fact]
    public void Texts_NeverSayThatClientsSentBytes() =>
        Assert.Empty(from file in Files("src/docs", "*.md").Concat(Files("src/FedRec.Cli", "*.cs")).Concat(Files("src/FedRec.Web", "*.cs")).Concat(Files("src/FedRec.Web/Assets", "*")).Append(Path.Combine(Repository.Root, "README.md"))
                     from line in File.ReadLines(file)
                     where Sent().IsMatch(line)
                     select $"{Path.GetFileName(file)}: {line.Trim()}");

    private static IEnumerable<string> Files(string folder, string pattern) => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories)
        .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !file.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal));

    [GeneratedRegex(@"Text\.Bytes\([\w.]*Bytes(Up|Down)\)|formatBytes\(.*bytes(Up|Down)")]
    private static partial Regex ShownBytes();

    [GeneratedRegex(@"(?i)bytes (that )?clients (sent|were sent)|sent (by|to) clients")]
    private static partial Regex Sent();
}
