using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace FedRec.Contracts.Privacy;

/// <summary>One release of a sum with noise, as it is accounted for before it is used.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Round">The round, from 1.</param>
/// <param name="Name">Names the release: the same for the same sum, so that one that is done again after a crash is charged once.</param>
/// <param name="Rate">Chance of each client to be drawn, in (0, 1].</param>
/// <param name="NoiseMultiplier">Standard deviation of the noise as a multiple of what one client can add in length.</param>
[GenerateSerializer, Immutable, Alias("fedrec.privacy-charge")]
public sealed record PrivacyCharge(
    [property: Id(0)] string RunId,
    [property: Id(1)] int Round,
    [property: Id(2)] string Name,
    [property: Id(3)] double Rate,
    [property: Id(4)] double NoiseMultiplier)
{
    /// <summary>The end of a ledger's chain with this charge: SHA-256, in lower-case hexadecimal, of the UTF-8 lines <c>fedrec privacy ledger 1</c>, the end before it, run, round, name, rate and noise multiplier,
    /// which a line feed parts and none ends; numbers in the invariant culture, as short as they can be read back from.</summary>
    /// <param name="head">The end before; empty before the first charge.</param>
    public string ChainedTo(string head) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"fedrec privacy ledger 1\n{head}\n{RunId}\n{Round}\n{Name}\n{Rate:R}\n{NoiseMultiplier:R}"))));
}

/// <summary>What became of a charge.</summary>
/// <param name="Refusal">Why it was not made; null when it stands, and the release may be used.</param>
/// <param name="Head">The end of the ledger's chain of hashes, with this charge.</param>
[GenerateSerializer, Immutable, Alias("fedrec.privacy-receipt")]
public sealed record PrivacyReceipt(
    [property: Id(0)] string? Refusal,
    [property: Id(1)] string Head);

/// <summary>Some of the charges of a ledger, in their order.</summary>
/// <param name="Charges">They.</param>
/// <param name="Pages">How many pages there are, of which the last one grows.</param>
/// <param name="Before">What was charged before the first of them.</param>
[GenerateSerializer, Immutable, Alias("fedrec.privacy-charges")]
public sealed record PrivacyCharges(
    [property: Id(0)] ImmutableArray<PrivacyCharge> Charges,
    [property: Id(1)] int Pages,
    [property: Id(2)] PrivacyBeginning Before);

/// <summary>Where the charges that a ledger can tell begin: at nothing, or, where an earlier release began it, at what that one had counted and not kept.</summary>
/// <param name="Head">The end of the chain there.</param>
/// <param name="Accounts">What was charged up to there.</param>
[GenerateSerializer, Immutable, Alias("fedrec.privacy-beginning")]
public sealed record PrivacyBeginning(
    [property: Id(0)] string Head,
    [property: Id(1)] ImmutableArray<PrivacyAccount> Accounts)
{
    /// <summary>Nothing.</summary>
    public static PrivacyBeginning Nothing { get; } = new("", []);
}
