using System.Text.Json;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>Two small simulations with the same seeds, run once for all tests that look at their results.</summary>
public sealed class SimulateFixture : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    internal CommandRun First { get; private set; } = null!;

    internal CommandRun Second { get; private set; } = null!;

    internal JsonElement Report { get; private set; }

    public async Task InitializeAsync()
    {
        First = await RunAsync("--out", "first");
        Second = await RunAsync("--parties", "0", "--report-goal", "0");
        Report = First.ExitCode == 0 ? First.Json : default;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    private Task<CommandRun> RunAsync(params string[] more) => CommandRun.OfAsync(_folder.Path,
    [
        "simulate", "--clients", "60", "--items", "40", "--rounds", "4", "--cohort", "20", "--dropout", "0.2", "--straggler", "0.2", "--deadline", "30s", "--quorum", "0.1",
        "--seed", "5", "--seeds", "2", "--dims", "8", "--storage", "memory", "--format", "json", "--k", "5,10", "--recs", "3", .. more,
    ]);
}
