using System.Text.Json;
using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class InspectPartiesTests
{
    [Theory]
    [InlineData("--scenario clinic", 4)]
    [InlineData("--parties 7 --alpha 0.3", 7)]
    public async Task Inspect_DataWithParties_ReportsEachInJson(string line, int parties)
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.OfAsync(folder.Path, ["data", "inspect", .. line.Split(' '), "--format", "json"]);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        var report = JsonDocument.Parse(run.Out).RootElement.GetProperty("parties");
        Assert.Equal(parties, report.GetProperty("parties").GetArrayLength());
        Assert.Equal("federation", report.GetProperty("federation").GetProperty("party").GetString());
    }

    [Fact]
    public async Task Inspect_DataWithoutParties_HasNoReport()
    {
        using var folder = new TemporaryFolder();

        var run = await CommandRun.OfAsync(folder.Path, "data", "inspect");

        Assert.DoesNotContain("drift", run.Out, StringComparison.OrdinalIgnoreCase);
    }
}
