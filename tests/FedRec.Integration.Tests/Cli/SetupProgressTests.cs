using System.CommandLine;
using FedRec.Cli;
using FedRec.Cli.Commands;
using FedRec.Cli.Hosting;
using FedRec.Hosting.Azurite;

namespace FedRec.Integration.Tests.Cli;

public sealed class SetupProgressTests
{
    [Fact]
    public void Report_ToAFile_HasTheSentenceAndALineForEachQuarter() =>
        Assert.Equal("Installing.\n  2 of 8 packages\n  4 of 8 packages\n  6 of 8 packages\n  8 of 8 packages\n", Shown("", isScreen: false));

    [Fact]
    public void Report_ToAScreen_FillsOneLine()
    {
        var lines = Shown("", isScreen: true).Split('\n');

        Assert.Equal(3, lines.Length);
        Assert.Equal("Installing.", lines[0]);
        var states = lines[1].Split('\r');
        Assert.Equal(("  [###.....................] 1 of 8 packages", "  [########################] 8 of 8 packages"), (states[0], states[^1]));
        Assert.Equal(8, states.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Report_WithQuiet_ShowsNothing(bool isScreen) => Assert.Equal("", Shown("-q", isScreen));

    private static string Shown(string line, bool isScreen)
    {
        using var error = new StringWriter { NewLine = "\n" };
        var terminal = CommandRun.Terminal(Path.GetTempPath(), error: error) with { ErrorIsScreen = isScreen };
        var progress = new SetupProgress(new CommandContext(terminal, new RootCommand { CommonOptions.Quiet }.Parse(line)));
        progress.Report("Installing.");
        for (var done = 1; done <= 8; done++)
        {
            progress.Report(new SetupStep("packages", done, 8));
        }

        return error.ToString();
    }
}
