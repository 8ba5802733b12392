using System.Diagnostics;

namespace FedRec.Benchmarks;

/// <summary>One way to train a client, or a part of it.</summary>
/// <param name="Name">Short name in the result.</param>
/// <param name="Run">Trains one client.</param>
internal sealed record Contender(string Name, Action<int> Run);

/// <summary>What was measured of a contender.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Microseconds">Median wall time per client on one thread.</param>
/// <param name="AllocatedBytes">Managed bytes per client after warm-up.</param>
internal sealed record Measurement(string Name, double Microseconds, double AllocatedBytes);

/// <summary>Medians of repetitions that take turns, so that a busy neighbour slows all contenders alike.</summary>
internal static class Harness
{
    public static IReadOnlyList<Measurement> Compare(IReadOnlyList<Contender> contenders, int repetitions, int clients)
    {
        foreach (var contender in contenders)
        {
            for (var warmUp = 0; warmUp < 3; warmUp++) // tiered compilation needs a few passes
            {
                Time(contender, clients);
                Thread.Sleep(120);
            }
        }

        var times = contenders.Select(_ => new List<double>()).ToList();
        var allocated = new double[contenders.Count];
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            for (var i = 0; i < contenders.Count; i++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                times[i].Add(Time(contenders[i], clients));
                allocated[i] = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / clients;
            }
        }

        return [.. contenders.Select((contender, i) => new Measurement(contender.Name, Median(times[i]), allocated[i]))];
    }

    private static double Time(Contender contender, int clients)
    {
        var start = Stopwatch.GetTimestamp();
        for (var client = 0; client < clients; client++)
        {
            contender.Run(client);
        }

        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / clients;
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}
