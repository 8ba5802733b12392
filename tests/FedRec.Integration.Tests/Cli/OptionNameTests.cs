using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class OptionNameTests
{
    [Fact]
    public async Task Simulate_OptionsOfRunsAndOfLearners_HaveNamesOfTheirOwn()
    {
        using var folder = new TemporaryFolder();

        var help = await CommandRun.OfAsync(folder.Path, "simulate", "--help");

        var names = help.Out.Split('\n').Select(line => line.TrimStart()).Where(line => line.StartsWith("--", StringComparison.Ordinal)).Select(line => line.Split(' ')[0]).ToList();
        Assert.True(names.Count > 40);
        Assert.Equal(names.Distinct(), names);
    }
}
