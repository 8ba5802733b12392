using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedRec.Core.Aggregation;
using FedRec.Core.Native;
using FedRec.Core.Privacy.Noise;
using FedRec.Core.Randomness;

namespace FedRec.Core.Privacy;

/// <summary>Differential privacy whose noise the clients add themselves, so that whoever adds their updates up sees nothing without noise: distributed, where each adds a share of it under masks, or local, where each adds all of it.</summary>
/// <remarks>
/// Kairouz, Liu and Steinke 2021, arXiv:2102.06387 (distributed discrete Gaussian). A client adds whole-number noise to its own exact sum of one, after clipping and rounding, and before masking or sending. Distributed, its variance is
/// σ²/m, where m is the fewest clients that a round may count: of n ≥ m that are counted the noise is √(n/m)·σ, so that whoever goes away, what is unmasked has σ at least. A sum of discrete Gaussians is not quite one; its divergence
/// exceeds that of one by τ = 10·Σₖ exp(−2π²σ²k/(k+1)) a place (shown there), which <see cref="LeastDeviation"/> holds below the digits of a number.
/// <para>The neighbour of a federation is the same one in which one client's update is all zeros: who takes part is known to whoever asks. So no chance to be drawn makes a round cost less.</para>
/// <para>Noise is drawn from a key of the client's side, for the exact values that it hides: the same update of the same round sent again has the same noise and tells nothing new, and another one has noise of its own, or the
/// difference of both would come out as it is. A share of the noise hides a client only among the others of the same try, so it is drawn for that try too: with the same shares, the difference of two sums over other clients would be
/// one client's update with its share alone.</para>
/// </remarks>
/// <param name="Clip">The length that no client's update exceeds, as the way of the updates sees to; greater than 0.</param>
/// <param name="NoiseMultiplier">z: the standard deviation of the noise in each place that a release has at least, as a multiple of that length; greater than 0.</param>
/// <param name="IsLocal">Whether each client adds all of it; otherwise a share.</param>
/// <param name="Key">From which the noise is drawn; never known to whoever adds the updates up.</param>
/// <param name="Run">Names the run.</param>
public sealed record ClientNoise(double Clip, double NoiseMultiplier, bool IsLocal, SecretKey Key, string Run)
{
    /// <summary>Deviations of its noise for which each client has room in a sum: more come with a chance below 10⁻³⁰ a place.</summary>
    public const int MostDeviations = 12;

    /// <summary>The chance to be drawn that each round is accounted for with: it is known who takes part.</summary>
    public const double Rate = 1;

    private const double TailNats = 64 * 0.6931471805599453; // a chance of 2⁻⁶⁴

    /// <summary>Variance of one client's noise in whole numbers of a scale, as a fraction.</summary>
    /// <param name="scale">How sums are encoded.</param>
    /// <param name="places">Values of the update layout.</param>
    /// <param name="fewest">Fewest clients that the round may count.</param>
    /// <param name="times">How many times <see cref="NoiseMultiplier"/> the noise of the round is. Default: 1.</param>
    public (BigInteger Numerator, BigInteger Denominator) Variance(SumScale scale, int places, int fewest, double times = 1)
    {
        var deviation = CentralPrivacy.DeviationOf(Clip, times * NoiseMultiplier, scale, places);
        return (deviation * deviation, IsLocal ? 1 : fewest);
    }

    /// <summary>Standard deviation of one client's noise in whole numbers of a scale.</summary>
    /// <inheritdoc cref="Variance"/>
    public double Deviation(SumScale scale, int places, int fewest, double times = 1) =>
        Variance(scale, places, fewest, times) is var variance ? Math.Sqrt((double)variance.Numerator / (double)variance.Denominator) : 0;

    /// <summary>The least standard deviation of one client's noise with which the noise of a sum is as good as normal: 10·n·d·exp(−π²σ²) is below 2⁻⁵³/z².</summary>
    /// <param name="clients">n: most clients of a round.</param>
    /// <param name="places">d.</param>
    /// <param name="times">As for <see cref="Variance"/>.</param>
    public double LeastDeviation(int clients, int places, double times = 1) =>
        Math.Sqrt(Math.Max(1, Math.Log(10.0 * clients * places) + (2 * Math.Log(times * NoiseMultiplier)) + (53 * Math.Log(2)))) / Math.PI;

    /// <summary>Refuses noise that a sum has no room for, or that is too coarse to be what it is accounted for.</summary>
    /// <param name="scale">How sums are encoded.</param>
    /// <param name="places">Values of the update layout.</param>
    /// <param name="fewest">Fewest clients that a round may count.</param>
    /// <param name="times">As for <see cref="Variance"/>.</param>
    /// <exception cref="ArgumentException">It is; the message says what to change.</exception>
    public void ThrowUnlessFits(SumScale scale, int places, int fewest, double times = 1)
    {
        var (deviation, least) = (Deviation(scale, places, fewest, times), LeastDeviation(scale.Clients, places, times));
        var (most, room) = (CentralPrivacy.LongestOf(Clip, scale, places) + (MostDeviations * deviation), (double)scale.Encode(scale.Limit));
        if (most > room)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"Each client adds noise of {Math.ScaleB(deviation, -scale.Bits):0.###} to each number, and with {MostDeviations} times that, beside updates of length {Clip}, a sum of {scale.Clients:N0} clients could wrap: one may add {scale.Limit:0.###}. Give a smaller --clip-norm, a larger --epsilon or a smaller --cohort."));
        }

        if (deviation < least)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"Each client adds noise of {deviation:0.###} whole numbers, and sums of such noise are accounted for from {least:0.###} on (Kairouz et al. 2021). Give a larger --clip-norm or a smaller --epsilon."));
        }
    }

    /// <summary>Adds a client's noise to its update.</summary>
    /// <param name="one">What it has trained, as the sum of one client of weight 1 without loss or examples; changed in place.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="round">The round, from 1.</param>
    /// <param name="fewest">Fewest clients that the round may count.</param>
    /// <param name="session">Hash of the try of the round in which it is masked; of local noise it is not asked for.</param>
    /// <param name="times">As for <see cref="Variance"/>.</param>
    /// <exception cref="InvalidOperationException">A share of the noise is to be added outside any masked round, where it would not do.</exception>
    public void Hide(FixedPointSum one, int client, int round, int fewest, ReadOnlySpan<byte> session, double times = 1)
    {
        if (!IsLocal && session.IsEmpty)
        {
            throw new InvalidOperationException("A share of the noise hides a client among others, and its update is to leave it without masks.");
        }

        byte[] context = [.. SHA256.HashData(IsLocal ? [] : session), .. SHA256.HashData(one.Encoded.Span)];
        using var source = Key.Stream(string.Create(CultureInfo.InvariantCulture, $"fedrec client noise 2: client {client} in round {round} of {Run}"), context);
        var (numerator, denominator) = Variance(one.Scale, one.Values.Length, fewest, times);
        var bytes = ModelMemory.Rent<byte>(one.Encoded.Length);
        DiscreteGaussian.Of(numerator, denominator).Fill(new RandomBits(source.Fill), MemoryMarshal.Cast<byte, long>(bytes.AsSpan()));
        one.Add(MemoryMarshal.Cast<byte, long>(bytes.AsSpan()));
        CryptographicOperations.ZeroMemory(bytes); // without it the update could be told
        ModelMemory.Return(bytes);
    }

    /// <summary>What a round releases: the sum as its clients have sent it, of as many as were expected, with the noise that it has of those who were counted.</summary>
    /// <param name="sum">Of clients that each weigh 1; its values are shared.</param>
    /// <param name="expected">Clients that were expected: a number that nobody's going away changes.</param>
    /// <param name="fewest">Fewest clients that the round may count.</param>
    /// <param name="times">As for <see cref="Variance"/>.</param>
    /// <exception cref="ArgumentException">A client has another weight than 1.</exception>
    public FixedPointSum Released(FixedPointSum sum, int expected, int fewest, double times = 1)
    {
        var one = sum.Scale.Encode(1);
        if (sum.Weight != sum.Clients * one)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{sum.Clients} clients weigh {sum.Scale.Decode(sum.Weight)}; with noise of their own each has weight 1."), nameof(sum));
        }

        return new FixedPointSum(sum.Encoded, checked(expected * one), loss: 0, expected, examples: 0, maxWeight: 1, sum.Scale) { Noise = Math.Sqrt(sum.Clients) * Deviation(sum.Scale, sum.Values.Length, fewest, times) };
    }

    /// <summary>Whether one client could have sent an update with all of the noise: it weighs 1, tells neither loss nor examples, and is no longer than the clip norm, what rounding adds, and noise that comes but for a chance of 2⁻⁶⁴.</summary>
    /// <param name="one">A sum of one client.</param>
    /// <param name="times">As for <see cref="Variance"/>.</param>
    /// <remarks>Hsu, Kakade and Zhang 2012, arXiv:1110.2842: noise of d places is longer than σ·√(d + 2√(d·t) + 2t) with a chance of e^−t at most.</remarks>
    public bool CouldSend(FixedPointSum one, double times = 1)
    {
        var places = (double)one.Values.Length;
        var noise = Deviation(one.Scale, one.Values.Length, fewest: 1, times) * Math.Sqrt(places + (2 * Math.Sqrt(places * TailNats)) + (2 * TailNats));
        return one is { Clients: 1, MaxWeight: 1, Loss: 0, Examples: 0 } && one.Weight == one.Scale.Encode(1) && CentralPrivacy.LengthOf(one) <= (CentralPrivacy.LongestOf(Clip, one.Scale, one.Values.Length) + noise) * (1 + 1e-12);
    }
}
