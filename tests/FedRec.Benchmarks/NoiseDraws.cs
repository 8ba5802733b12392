using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using FedRec.Core.Privacy.Noise;
using FedRec.Core.Randomness;

namespace FedRec.Benchmarks;

/// <summary>What a draw of exact noise takes, from the stream of a secret key, and how much of that is the stream.</summary>
internal static class NoiseDraws
{
    private const int Draws = 1_000_000;

    /// <summary>Prints nanoseconds a draw, the least of five repetitions.</summary>
    public static void Run()
    {
        using var stream = SecretKey.New().Stream("noise");
        var random = new RandomBits(stream.Fill);
        var values = new long[Draws];
        var bits = Least(() =>
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = (long)random.Next();
            }
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"64 random bits: {bits:F1} ns"));
        foreach (var (name, deviation) in new (string, BigInteger)[] { ("3", 3), ("1e3", 1_000), ("1e6", 1_000_000), ("2^33", BigInteger.One << 33) })
        {
            var watch = Stopwatch.StartNew();
            var noise = new DiscreteGaussian(deviation * deviation, 1);
            var setUp = watch.Elapsed.TotalMilliseconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"deviation {name}: {Least(() => noise.Fill(random, values)):F1} ns a draw, set up in {setUp:F2} ms"));
        }
    }

    private static double Least(Action action) => Enumerable.Range(0, 5).Min(_ =>
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalNanoseconds / Draws;
    });
}
