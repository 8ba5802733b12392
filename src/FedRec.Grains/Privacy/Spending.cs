using System.Globalization;
using FedRec.Contracts.Privacy;
using FedRec.Core.Privacy.Accounting;

namespace FedRec.Grains.Privacy;

/// <summary>What charges come to.</summary>
/// <remarks>The noise is of whole numbers, with a standard deviation of millions of them, of which the accountants' normal noise differs by less than any number has digits (Canonne, Kamath and Steinke 2020,
/// arXiv:2004.00010, Theorem 7). Two accountants, neither of which is ever too low; the lower one holds.</remarks>
internal static class Spending
{
    /// <summary>ε of all charges at a δ.</summary>
    public static double Epsilon(IEnumerable<PrivacyAccount> accounts, double delta)
    {
        var events = EventsOf(accounts);
        return Math.Min(RdpAccountant.Guarantee(events, delta).Epsilon, PldAccountant.Guarantee(events, delta).Epsilon);
    }

    /// <summary>Whether charges keep a budget. Quick where they do by far.</summary>
    public static bool Keeps(IEnumerable<PrivacyAccount> accounts, double epsilon, double delta)
    {
        var events = EventsOf(accounts);
        return RdpAccountant.Guarantee(events, delta).Epsilon <= epsilon || PldAccountant.Guarantee(events, delta).Epsilon <= epsilon;
    }

    /// <summary>The most charges of one kind that keep a budget.</summary>
    /// <param name="one">The kind.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="delta">δ.</param>
    /// <param name="limit">Charges beyond which nobody asks.</param>
    public static long Most(PrivacyAccount one, double epsilon, double delta, long limit) =>
        NoiseSearch.MostRounds(new(epsilon, delta), one.Rate, one.NoiseMultiplier, (events, at) => RdpAccountant.Guarantee(events, at) is { } bound && bound.Epsilon <= epsilon ? bound : PldAccountant.Guarantee(events, at), limit);

    /// <summary>The smallest noise multiplier with which some rounds keep a budget.</summary>
    /// <param name="epsilon">ε.</param>
    /// <param name="delta">δ.</param>
    /// <param name="rate">Chance of each client to be drawn for a round.</param>
    /// <param name="rounds">How many times the multiplier the noise of each round is.</param>
    public static double NoiseFor(double epsilon, double delta, double rate, IEnumerable<double> rounds)
    {
        var kinds = rounds.CountBy(times => times).ToArray();
        return NoiseSearch.SmallestNoise(new(epsilon, delta), noise => [.. kinds.Select(kind => new PrivacyEvent(new SampledGaussian(noise * kind.Key, rate), kind.Value))], PldAccountant.Guarantee);
    }

    /// <summary>Refuses numbers that no charge has.</summary>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public static void Check(PrivacyCharge charge)
    {
        if (!(charge.Rate is > 0 and <= 1 && charge.NoiseMultiplier > 0 && double.IsFinite(charge.NoiseMultiplier)))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"A charge at rate {charge.Rate} with noise multiplier {charge.NoiseMultiplier} is none: the rate must be in (0, 1], and the noise above 0."), nameof(charge));
        }
    }

    private static PrivacyEvent[] EventsOf(IEnumerable<PrivacyAccount> accounts) =>
        [.. accounts.Select(account => new PrivacyEvent(new SampledGaussian(account.NoiseMultiplier, account.Rate), account.Charges))];
}
