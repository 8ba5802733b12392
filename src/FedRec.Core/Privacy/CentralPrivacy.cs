using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedRec.Core.Aggregation;
using FedRec.Core.Native;
using FedRec.Core.Privacy.Noise;
using FedRec.Core.Randomness;

namespace FedRec.Core.Privacy;

/// <summary>Differential privacy of the models of a run, for each of its clients: clients are drawn by secret coins, what each adds is bounded in length, and the server adds noise to the sum before it
/// steps (DP-FedAvg; McMahan et al. 2018, arXiv:1710.06963, algorithm 1).</summary>
/// <remarks>
/// The neighbour of a federation is the same one with one client more or less. The sum stays in whole numbers, and so does the noise (discrete Gaussian; Canonne, Kamath and Steinke 2020, arXiv:2004.00010).
/// It is divided by the clients that are expected, and not by those that came, of whom the neighbours have one more or less.
/// <para>Coins and noise are drawn from a secret key, the noise for the exact sum that it hides: when a crash makes a round be done again, the same sum gets the same noise, so that nothing new is released; another sum gets
/// noise of its own, and is to be accounted for again. Were the noise of a round always the same, the difference of two sums would come out as it is.</para>
/// </remarks>
/// <param name="Clip">The length that no client's update exceeds, as the way of the updates sees to; greater than 0.</param>
/// <param name="NoiseMultiplier">z: the standard deviation of the noise in each place, as a multiple of that length; greater than 0.</param>
/// <param name="Key">From which coins and noise are drawn; the same wherever the run may go on.</param>
/// <param name="Run">Names the run, so that no two have common coins.</param>
public sealed record CentralPrivacy(double Clip, double NoiseMultiplier, SecretKey Key, string Run)
{
    /// <summary>The fewest clients that a round must expect: noise that hides one of fewer leaves nothing of the others.</summary>
    public const int LeastExpected = 10;

    private const string Coins = "coins";

    /// <summary>Draws the clients of a round, each by a coin of its own (Poisson sampling).</summary>
    /// <param name="clients">Clients that there are, at least 1.</param>
    /// <param name="expected">How many are expected; all of them take part where it is 0, or as many as there are.</param>
    /// <param name="round">The round, from 1.</param>
    /// <returns>Their numbers, ascending; perhaps nobody's.</returns>
    public ImmutableArray<int> Draw(int clients, int expected, int round)
    {
        if (expected <= 0 || expected >= clients)
        {
            return [.. Enumerable.Range(0, clients)];
        }

        using var coins = Key.Stream(Purpose(Coins, round));
        var share = (ulong)((UInt128)expected * ((UInt128)1 << 64) / (UInt128)clients); // of 2⁶⁴, exactly
        var drawn = ImmutableArray.CreateBuilder<int>(expected + (expected / 4));
        for (var client = 0; client < clients; client++)
        {
            if (coins.NextUInt64() < share)
            {
                drawn.Add(client);
            }
        }

        return drawn.ToImmutable();
    }

    /// <summary>What names a release: the hash of the exact sum under a key of its own, as the sum itself is not to be told by it.</summary>
    /// <param name="exact">What the counted clients come to.</param>
    /// <param name="round">The round, from 1.</param>
    public string NameOf(FixedPointSum exact, int round)
    {
        using var name = Key.Stream(Purpose("name", round), DigestOf(exact));
        Span<byte> bytes = stackalloc byte[16];
        name.Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>The sum with noise in each place, of as many clients as were expected; their losses and examples, which no noise hides, are left out.</summary>
    /// <param name="exact">What the counted clients come to, each with weight 1; not changed.</param>
    /// <param name="expected">Clients that were expected.</param>
    /// <param name="round">The round, from 1.</param>
    /// <param name="times">How many times <see cref="NoiseMultiplier"/> the noise is, greater than 0. Default: 1.</param>
    /// <exception cref="ArgumentException">A client has another weight than 1.</exception>
    public FixedPointSum Release(FixedPointSum exact, int expected, int round, double times = 1)
    {
        var one = exact.Scale.Encode(1);
        if (exact.Weight != exact.Clients * one || (exact.Clients > 0 && exact.MaxWeight != 1))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{exact.Clients} clients weigh {exact.Scale.Decode(exact.Weight)}; with privacy each has weight 1."), nameof(exact));
        }

        using var source = Key.Stream(Purpose("noise", round), DigestOf(exact));
        var deviation = Deviation(exact.Scale, exact.Values.Length, times);
        var bytes = ModelMemory.Rent<byte>(exact.Encoded.Length);
        var released = MemoryMarshal.Cast<byte, long>(bytes.AsSpan());
        DiscreteGaussian.Of(deviation * deviation, 1).Fill(new RandomBits(source.Fill), released);
        var sums = exact.Values;
        for (var place = 0; place < released.Length; place++)
        {
            released[place] = checked(sums[place] + released[place]);
        }

        return new FixedPointSum(bytes, checked(expected * one), loss: 0, expected, examples: 0, maxWeight: 1, exact.Scale) { Noise = (double)deviation };
    }

    /// <summary>Whether the noise hides what one client has added: it weighs 1, and is no longer than the clip norm and what rounding adds. Of an update that somebody else clipped.</summary>
    /// <param name="one">A sum of one client.</param>
    public bool Hides(FixedPointSum one) =>
        one is { Clients: 1, MaxWeight: 1 } && one.Weight == one.Scale.Encode(1) && LengthOf(one) <= LongestOf(Clip, one.Scale, one.Values.Length) * (1 + 1e-12);

    /// <summary>The standard deviation of the noise in whole numbers of a scale: of the length that updates are clipped to, and what rounding each place can add to it.</summary>
    /// <param name="scale">How sums are encoded.</param>
    /// <param name="places">Values of the update layout.</param>
    /// <param name="times">As for <see cref="Release"/>.</param>
    public BigInteger Deviation(SumScale scale, int places, double times = 1) => DeviationOf(Clip, times * NoiseMultiplier, scale, places);

    /// <summary>As <see cref="Deviation"/>, for a clip norm and a multiplier.</summary>
    internal static BigInteger DeviationOf(double clip, double multiplier, SumScale scale, int places) => (BigInteger)Math.Ceiling(multiplier * LongestOf(clip, scale, places));

    /// <summary>The length of a clipped update of whole numbers: each place is rounded by half of one at most.</summary>
    internal static double LongestOf(double clip, SumScale scale, int places) => Math.ScaleB(clip, scale.Bits) + (0.5 * Math.Sqrt(places));

    /// <summary>L2 norm of a sum in whole numbers of its scale.</summary>
    internal static double LengthOf(FixedPointSum sum)
    {
        var squares = 0.0;
        foreach (var value in sum.Values)
        {
            squares += (double)value * value;
        }

        return Math.Sqrt(squares);
    }

    // The number is that of how noise is drawn of a stream: where that changes, a release that is done again is another one, with another name. Coins stay what they were.
    private string Purpose(string what, int round) => string.Create(CultureInfo.InvariantCulture, $"fedrec central privacy {(what == Coins ? 1 : 2)}: {what} of round {round} of {Run}");

    private static byte[] DigestOf(FixedPointSum exact)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MemoryMarshal.AsBytes(exact.Report));
        hash.AppendData(exact.Encoded.Span);
        return hash.GetHashAndReset();
    }
}
