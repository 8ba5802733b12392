using FedRec.Cli;
using FedRec.Cli.Simulation;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class RunFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Place => Path.Combine(_folder.Path, "runs", "one");

    [Fact]
    public void Complete_AfterWriting_ShowsTheWholeFolderAtOnce()
    {
        var folder = RunFolder.Create(Place);
        folder.WriteText("summary.json", "{}");
        Assert.False(Directory.Exists(Place));

        folder.Complete();

        Assert.Equal(["env.json", "summary.json"], Directory.EnumerateFiles(Place).Select(Path.GetFileName).Order());
        Assert.Single(Directory.EnumerateDirectories(Path.Combine(_folder.Path, "runs")));
    }

    [Fact]
    public void Create_WhereResultsAre_RefusesAndLeavesThem()
    {
        Directory.CreateDirectory(Place);
        File.WriteAllText(Path.Combine(Place, "summary.json"), "old");

        var error = Assert.Throws<CliException>(() => RunFolder.Create(Place));

        Assert.Contains(Place, error.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(Path.Combine(Place, "summary.json")));
    }

    [Fact]
    public void NameAfter_WhereResultsAre_TakesTheNextNumberAndLeavesThem()
    {
        foreach (var text in new[] { "first", "second", "third" })
        {
            var folder = RunFolder.Create(Place);
            folder.WriteText("summary.json", text);
            folder.NameAfter("run");
            folder.Complete();
        }

        var runs = Path.GetDirectoryName(Place)!;
        Assert.Equal(["run", "run-2", "run-3"], Directory.EnumerateDirectories(runs).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("first\n", File.ReadAllText(Path.Combine(runs, "run", "summary.json")));
    }

    [Fact]
    public void Create_BelowAFile_SaysThatItCannotBeWritten()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "runs"), "a file");

        var error = Assert.Throws<CliException>(() => RunFolder.Create(Place));

        Assert.Equal(ExitCode.Failed, error.ExitCode);
        Assert.Contains("--out", error.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void GiveUp_WithoutResults_LeavesNothing()
    {
        var folder = RunFolder.Create(Place);

        folder.GiveUp(_ => { });

        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.Path, "runs")));
    }

    [Fact]
    public void GiveUp_WithResults_KeepsThemAndSaysWhere()
    {
        var said = new List<string>();
        var folder = RunFolder.Create(Place);
        folder.WriteText("metrics.jsonl", "{}");

        folder.GiveUp(said.Add);

        Assert.True(File.Exists(Path.Combine(Place + ".partial", "metrics.jsonl")));
        Assert.Contains(Place, Assert.Single(said), StringComparison.Ordinal);
    }
}
