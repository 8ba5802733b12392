using System.Diagnostics;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>What the killed runs are compared with: the same command, left alone.</summary>
public sealed class UndisturbedRun : IAsyncLifetime
{
    /// <summary>
    /// Rounds long enough (a tenth of a second and more) that the run does not end between a line that is read and the signal it calls for;
    /// checkpoints after every fifth round.
    /// </summary>
    public static string[] Line { get; } =
    [
        "simulate", "--clients", "1200", "--items", "500", "--rounds", "20", "--publish-every", "5", "--cohort", "800", "--dropout", "0.05", "--seed", "7",
        "--objective", "logistic", "--epochs", "30",
        "--storage", "azurite", "--baselines", "none", "--recs", "0", "--format", "json",
    ];

    public string Sha256 { get; private set; } = "";

    public long Participants { get; private set; }

    /// <summary>Time from its start to its end.</summary>
    public TimeSpan Took { get; private set; }

    public async Task InitializeAsync()
    {
        await using var home = new FedRecHome();
        var start = Stopwatch.GetTimestamp();
        var report = (await home.RunAsync(Line)).Json;
        Took = Stopwatch.GetElapsedTime(start);
        Sha256 = report.GetProperty("model").GetProperty("sha256").GetString()!;
        Participants = report.GetProperty("participants").GetInt64();
    }

    public Task DisposeAsync() => Task.CompletedTask;
}
