using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FedRec.Benchmarks.EndToEnd;

/// <summary>What a run of workload W through the grains took, from its first round to its last.</summary>
/// <param name="Trainings">Client trainings.</param>
/// <param name="Rounds">Rounds.</param>
/// <param name="Seconds">What the run itself says that its rounds took.</param>
/// <param name="CpuSeconds">Processor time of the process.</param>
/// <param name="CollectorSeconds">How long the collector held everything up.</param>
/// <param name="CompilerSeconds">Time of the just-in-time compiler.</param>
/// <param name="StorageSeconds">Checkpoints and the publication.</param>
/// <param name="AllocatedBytes">Managed bytes.</param>
/// <param name="PeakBytes">Most memory of the process.</param>
/// <param name="Sha256">Of the model.</param>
internal sealed record EndToEndMeasurement(
    int Trainings, int Rounds, double Seconds, double CpuSeconds, double CollectorSeconds, double CompilerSeconds, double StorageSeconds, long AllocatedBytes, long PeakBytes, string Sha256)
{
    /// <summary>Client trainings per second.</summary>
    public double PerSecond => Trainings / Seconds;
}

/// <summary>Runs workload W through the grains of one silo in this process, which should be fresh: what is compiled already is not compiled again.</summary>
internal static class EndToEndRun
{
    public const int Cohort = 200;
    private const string Federation = "w";
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs it.</summary>
    /// <param name="data">Workload W as <c>user,item</c>.</param>
    /// <param name="rounds">Rounds.</param>
    /// <param name="inBatches">Whether silos are asked for their share of a cohort, and not each client.</param>
    public static async Task<EndToEndMeasurement> RunAsync(string data, int rounds, bool inBatches)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddFedRec(options =>
        {
            options.Storage.Kind = "memory";
            options.Training.AskInBatches = inBatches;
        });
        using var host = builder.Build();
        await host.StartAsync();
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        var measurement = await TrainAsync(grains, data, rounds);
        await host.StopAsync();
        return measurement;
    }

    private static async Task<EndToEndMeasurement> TrainAsync(IGrainFactory grains, string data, int rounds)
    {
        var federation = grains.GetGrain<IFederationGrain>(Federation);
        await federation.SimulateAsync(new DataSpec { Path = data });
        var receipt = await federation.StartRunAsync(Request(rounds));
        var run = grains.GetGrain<IRunGrain>($"{Federation}/{receipt.RunId}");
        await WaitAsync(run, status => status.Phase != RunPhase.Pending);
        var before = Usage.Now();
        await WaitAsync(run, status => status.RoundsDone == rounds);
        var used = Usage.Now() - before;
        var ended = await WaitAsync(run, status => status.EndedAt is not null);
        return ended.Phase == RunPhase.Completed
            ? new EndToEndMeasurement(rounds * Cohort, rounds, ended.TrainSeconds, used.Cpu, used.Collector, used.Compiler, ended.PublishSeconds, used.Allocated, Process.GetCurrentProcess().PeakWorkingSet64, ended.Sha256)
            : throw new InvalidOperationException($"The run ended {ended.Phase}: {ended.Reason}");
    }

    private static RunRequest Request(int rounds) => new()
    {
        Federation = Federation,
        Learner = "mf",
        LearnerOptions = ImmutableSortedDictionary<string, string>.Empty
            .Add("objective", "logistic").Add("dims", "32").Add("negatives", "4").Add("epochs", "1").Add("batch", "256"),
        Rounds = new RoundSettings { Count = rounds, CohortSize = Cohort, PublishEvery = 0 },
    };

    private static async Task<RunStatus> WaitAsync(IRunGrain run, Func<RunStatus, bool> reached)
    {
        while (true)
        {
            var status = await run.GetStatusAsync() ?? throw new InvalidOperationException("There is no run.");
            if (reached(status) || status.EndedAt is not null)
            {
                return status;
            }

            await Task.Delay(s_poll);
        }
    }

    private readonly record struct Usage(double Cpu, double Collector, double Compiler, long Allocated)
    {
        public static Usage Now() => new(
            Environment.CpuUsage.TotalTime.TotalSeconds, GC.GetTotalPauseDuration().TotalSeconds, JitInfo.GetCompilationTime().TotalSeconds, GC.GetTotalAllocatedBytes());

        public static Usage operator -(Usage left, Usage right) =>
            new(left.Cpu - right.Cpu, left.Collector - right.Collector, left.Compiler - right.Compiler, left.Allocated - right.Allocated);
    }
}
