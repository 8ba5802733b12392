using FedRec.Cli;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

public sealed class PersonalSimulationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Simulate_InClusters_ShowsThemBesideTheSharedModelByActivity()
    {
        var run = await CommandRun.OfAsync(_folder.Path, "simulate", "--clients", "60", "--items", "40", "--rounds", "4", "--dims", "8", "--storage", "memory",
            "--recs", "0", "--baselines", "none", "--personalize", "clusters", "--personal-clusters", "3", "--personal-warm-up", "2");

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains("mf, shared", run.Out, StringComparison.Ordinal);
        Assert.Contains("mf by activity of users: shared, and personalised by clusters", run.Out, StringComparison.Ordinal);
        Assert.Contains("Worst decile by activity", run.Out, StringComparison.Ordinal);
    }
}
