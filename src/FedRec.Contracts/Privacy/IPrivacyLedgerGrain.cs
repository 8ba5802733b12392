using System.Collections.Immutable;

namespace FedRec.Contracts.Privacy;

/// <summary>What a federation has spent of its clients' privacy: each release is charged before it is used, durably. Key: the federation.</summary>
/// <remarks>A crash after a charge has spent it; so the ledger is never below what was released.</remarks>
[Alias("fedrec.privacy-ledger-grain")]
public interface IPrivacyLedgerGrain : IGrainWithStringKey
{
    /// <summary>Charges a release, or refuses it where it would spend more than <see cref="PrivacyLedger.Budget"/>. One of the same run, round and name as one of the last few is charged once.</summary>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    [Alias("charge")]
    Task<PrivacyReceipt> ChargeAsync(PrivacyCharge charge, CancellationToken cancellationToken = default);

    /// <summary>Sets the most that all runs of the federation together may spend; null for no limit. What was spent stays spent.</summary>
    /// <exception cref="ArgumentException">ε or δ is out of range.</exception>
    [Alias("budget")]
    Task SetBudgetAsync(PrivacyBudget? budget, CancellationToken cancellationToken = default);

    /// <summary>ε of all that was charged.</summary>
    /// <param name="delta">At this δ, in (0, 1).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">δ is none.</exception>
    [Alias("spent")]
    Task<double> SpentAsync(double delta, CancellationToken cancellationToken = default);

    /// <summary>The ledger.</summary>
    [Alias("read")]
    Task<PrivacyLedger> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>A page of all charges, oldest first, for whoever verifies the ledger.</summary>
    /// <param name="page">From 0.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such page.</exception>
    [Alias("charges")]
    Task<PrivacyCharges> ReadChargesAsync(int page, CancellationToken cancellationToken = default);
}

/// <summary>The most that may be spent.</summary>
/// <param name="Epsilon">Greater than 0.</param>
/// <param name="Delta">In (0, 1).</param>
[GenerateSerializer, Immutable, Alias("fedrec.privacy-budget")]
public sealed record PrivacyBudget(
    [property: Id(0)] double Epsilon,
    [property: Id(1)] double Delta);

/// <summary>What a federation has spent.</summary>
[GenerateSerializer, Immutable, Alias("fedrec.privacy-ledger")]
public sealed record PrivacyLedger
{
    /// <summary>The most that may be spent; null for no limit.</summary>
    [Id(0)] public PrivacyBudget? Budget { get; init; }

    /// <summary>What was charged, by run and by how, in the order of their first charges.</summary>
    [Id(1)] public ImmutableArray<PrivacyAccount> Accounts { get; init; } = [];

    /// <summary>Names of the last charges, oldest first: of these none is charged twice.</summary>
    [Id(2)] public ImmutableArray<PrivacyCharge> Last { get; init; } = [];

    /// <summary>SHA-256 over the head before and the last charge, lower-case hexadecimal; empty before the first charge.</summary>
    [Id(3)] public string Head { get; init; } = "";
}

/// <summary>Releases of one run that were made alike.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Rate">Chance of each client to be drawn.</param>
/// <param name="NoiseMultiplier">Standard deviation of the noise as a multiple of what one client can add in length.</param>
/// <param name="Charges">How many there are.</param>
[GenerateSerializer, Immutable, Alias("fedrec.privacy-account")]
public sealed record PrivacyAccount(
    [property: Id(0)] string RunId,
    [property: Id(1)] double Rate,
    [property: Id(2)] double NoiseMultiplier,
    [property: Id(3)] long Charges);
