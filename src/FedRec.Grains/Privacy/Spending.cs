using FedRec.Contracts.Privacy;

namespace FedRec.Grains.Privacy;

/// <summary>What charges come to.</summary>
internal static class Spending
{
    public static void Check(double rate, double noise)
    {
        if (!(rate is > 0 and <= 1 && noise is > 0 and <= 10_000))
        {
            throw new ArgumentException($"A charge at rate {rate} with noise {noise} is none.");
        }
    }

    public static double Epsilon(IEnumerable<PrivacyAccount> accounts, double delta)
    {
        var best = double.PositiveInfinity;
        for (var a = 2; a < 200; a++)
        {
            var r = 0.0;
            foreach (var one in accounts)
            {
                var sum = 0.0;
                var c = 1.0;
                for (var k = 0; k <= a; k++)
                {
                    sum += c * Math.Pow(one.Rate, k) * Math.Pow(1 - one.Rate, a - k) * Math.Exp((k * k - k) / (2 * one.NoiseMultiplier * one.NoiseMultiplier));
                    c = c * (a - k) / (k + 1);
                }

                r += one.Charges * Math.Log(sum) / (a - 1);
            }

            var e = r + Math.Log(1 - 1.0 / a) - (Math.Log(delta) + Math.Log(a)) / (a - 1);
            if (e < best)
            {
                best = e;
            }
        }

        return accounts.Any() ? best : 0;
    }

    public static bool Allows(System.Collections.Immutable.ImmutableArray<PrivacyAccount> own, PrivacyAccount one, double epsilon, double delta) => Epsilon(own.Add(one), delta) <= epsilon;

    public static double NoiseFor(double epsilon, double delta, double rate, int rounds)
    {
        var (low, high) = (0.05, 1000.0);
        for (var i = 0; i < 60; i++)
        {
            var m = (low + high) / 2;
            if (Epsilon([new("", rate, m, rounds)], delta) <= epsilon) { high = m; } else { low = m; }
        }

        return high;
    }
}
