using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace FedRec.Benchmarks.EndToEnd;

/// <summary><c>--end-to-end</c>: workload W through the grains, as a share of what the machine's cores could train if they did nothing else.</summary>
/// <remarks>The kernel ("whole client") is measured in this process, and each run in a fresh one, in turns; so a busy neighbour slows both. Medians of the turns.</remarks>
internal static class EndToEndCommand
{
    private const int Turns = 3;
    private static readonly (int Rounds, bool InBatches, double Least)[] s_runs = [(60, false, 0.5), (60, true, 0.5), (600, false, 0.6), (600, true, 0.75)];

    /// <summary>Measures and prints. As a child, <c>--end-to-end-run PATH ROUNDS calls|batches</c> measures one run.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is [var given, var count, var asked])
        {
            Console.WriteLine(JsonSerializer.Serialize(await EndToEndRun.RunAsync(given, int.Parse(count, CultureInfo.InvariantCulture), asked == "batches")));
            return 0;
        }

        var data = Path.Combine(Path.GetTempPath(), $"fedrec-w-{Environment.ProcessId}.csv");
        var made = WorkloadW.Make();
        WorkloadW.Write(made, data);
        try
        {
            using var contenders = new Contenders(made);
            Contender[] parts = [.. contenders.All.Where(one => one.Name is Contenders.Kernel or Contenders.KernelAndSum or Contenders.WholeClient)];
            var kernels = new List<IReadOnlyList<Measurement>>();
            var runs = s_runs.Select(_ => new List<EndToEndMeasurement>()).ToArray();
            for (var turn = 0; turn < Turns; turn++)
            {
                for (var i = 0; i < s_runs.Length; i++)
                {
                    kernels.Add(Harness.Compare(parts, repetitions: 5, WorkloadW.Users));
                    runs[i].Add(Child(data, s_runs[i].Rounds, s_runs[i].InBatches));
                }
            }

            double Of(string name) => Median(kernels.Select(one => one.First(measured => measured.Name == name).Microseconds));
            Print(Of(Contenders.WholeClient), Of(Contenders.KernelAndSum) - Of(Contenders.Kernel), runs);
            return 0;
        }
        finally
        {
            File.Delete(data);
        }
    }

    private static EndToEndMeasurement Child(string data, int rounds, bool inBatches)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
        {
            start.ArgumentList.Add(typeof(EndToEndCommand).Assembly.Location);
        }

        foreach (var argument in new[] { "--end-to-end-run", data, rounds.ToString(CultureInfo.InvariantCulture), inBatches ? "batches" : "calls" })
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<EndToEndMeasurement>(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1])!
            : throw new InvalidOperationException($"A run ended with exit code {process.ExitCode}: {output}");
    }

    private static void Print(double whole, double sum, List<EndToEndMeasurement>[] runs)
    {
        var cores = Environment.ProcessorCount;
        var possible = cores / whole * 1e6;
        Say($"Workload W end to end, cohort {EndToEndRun.Cohort}, one silo, memory storage; medians of {Turns} turns, {cores} cores");
        Say($"whole client {whole:F1} µs, of which the exact sum {sum:F1} µs; {possible:F0} trainings/s if the cores did nothing else");
        Say($"{"rounds",8} {"asked by",9} {"trainings/s",12} {"share",6} {"bar",5} | {"kernel",7} {"sum",5} {"GC",5} {"JIT",5} {"storage",8} {"Orleans and the rest",21} {"idle",5} | {"B/round",9} {"memory",7}");
        foreach (var ((_, inBatches, least), all) in s_runs.Zip(runs))
        {
            var run = all.OrderBy(one => one.PerSecond).ElementAt(Turns / 2);
            var available = cores * run.Seconds;
            double Share(double seconds) => 100 * seconds / available;
            var (kernel, summed) = ((whole - sum) * run.Trainings / 1e6, sum * run.Trainings / 1e6);
            var rest = run.CpuSeconds - kernel - summed - run.CollectorSeconds - run.CompilerSeconds - run.StorageSeconds;
            Say($"{run.Rounds,8} {(inBatches ? "batches" : "calls"),9} {run.PerSecond,12:F0} {run.PerSecond / possible,6:F2} {least,5:F2} | {Share(kernel),6:F0}% {Share(summed),4:F0}% {Share(run.CollectorSeconds),4:F0}% {Share(run.CompilerSeconds),4:F0}% {Share(run.StorageSeconds),7:F1}% {Share(rest),20:F0}% {Share(available - run.CpuSeconds),4:F0}% | {run.AllocatedBytes / run.Rounds,9} {run.PeakBytes >> 20,4} MB");
        }

        var calls = runs.Zip(s_runs).Where(one => !one.Second.InBatches).Select(one => one.First[0]).Last();
        var batches = runs.Zip(s_runs).Where(one => one.Second.InBatches).Select(one => one.First[0]).Last();
        Say($"a call to a client allocates {(double)(calls.AllocatedBytes - batches.AllocatedBytes) / calls.Trainings:F0} B more than its place in a batch");
        Say($"same SHA-256 of all runs of as many rounds: {(runs.SelectMany(one => one).GroupBy(one => one.Rounds).All(same => same.DistinctBy(one => one.Sha256).Count() == 1) ? "yes" : "NO")}");
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
