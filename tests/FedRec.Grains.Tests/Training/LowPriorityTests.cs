using System.Globalization;
using FedRec.Grains.Training;
using Microsoft.Extensions.Options;

namespace FedRec.Grains.Tests.Training;

/// <summary>Training lets requests go first.</summary>
public sealed class LowPriorityTests
{
    [Fact]
    public async Task Threads_ThatTrain_YieldToThoseThatServe()
    {
        if (!OperatingSystem.IsLinux())
        {
            return; // where a thread's own value can be read
        }

        using var pools = new WorkerPools(Options.Create(new TrainingOptions()));

        var (training, scoring) = (await pools.Training.RunAsync(_ => Nice()), await pools.Scoring.RunAsync(_ => Nice()));

        Assert.Equal(Math.Min(19, scoring + 10), training);
        Assert.Equal(scoring, await Task.Run(Nice)); // grains, and requests
    }

    // The 19th field of proc_pid_stat(5); the second is a name in parentheses.
    private static int Nice() => int.Parse(File.ReadAllText("/proc/thread-self/stat").Split(") ")[^1].Split(' ')[16], CultureInfo.InvariantCulture);
}
