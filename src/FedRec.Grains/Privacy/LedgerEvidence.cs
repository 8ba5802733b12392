using System.Collections.Immutable;
using FedRec.Contracts.Models;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;

namespace FedRec.Grains.Privacy;

/// <summary>All that <see cref="LedgerCheck"/> needs, so that a ledger can be verified far from the store that it came from.</summary>
/// <remarks>Nothing of it comes from what clients have: the names of releases are hashes under a secret key.</remarks>
public sealed record LedgerEvidence
{
    /// <summary>The format, which is a part of the file.</summary>
    public const string FormatName = "fedrec-privacy-ledger-1";

    /// <summary><see cref="FormatName"/>.</summary>
    public string Format { get; init; } = FormatName;

    /// <summary>The federation.</summary>
    public required string Federation { get; init; }

    /// <summary>The most that may be spent; null for no limit.</summary>
    public PrivacyBudget? Budget { get; init; }

    /// <summary>The end of the chain.</summary>
    public required string Head { get; init; }

    /// <summary>What was charged, as the ledger has counted it.</summary>
    public required ImmutableArray<PrivacyAccount> Accounts { get; init; }

    /// <summary>Where <see cref="Charges"/> begin.</summary>
    public required PrivacyBeginning Before { get; init; }

    /// <summary>All charges from there, oldest first.</summary>
    public required ImmutableArray<PrivacyCharge> Charges { get; init; }

    /// <summary>The private runs.</summary>
    public required ImmutableArray<PrivateRun> Runs { get; init; }

    /// <summary>The versions that they have published.</summary>
    public required ImmutableArray<PrivateVersion> Versions { get; init; }

    /// <summary>What keeps this from being verified, such as a part that is missing or a number that no charge has; null when nothing does.</summary>
    public string? Wrong()
    {
        if (Before is null || Before.Head is null || Head is null || new[] { Accounts.IsDefault, Before.Accounts.IsDefault, Charges.IsDefault, Runs.IsDefault, Versions.IsDefault }.Contains(true))
        {
            return "a part of it is missing";
        }

        if (Accounts.Contains(null!) || Before.Accounts.Contains(null!) || Charges.Contains(null!) || Runs.Any(run => run is null || run.Committed.IsDefault) || Versions.Any(version => version?.Says is null))
        {
            return "an entry of it is null";
        }

        var releases = Accounts.Concat(Before.Accounts).Select(account => (account.RunId, account.Rate, account.NoiseMultiplier)).Concat(Charges.Select(charge => (charge.RunId, charge.Rate, charge.NoiseMultiplier)));
        return releases.FirstOrDefault(one => !(one.Rate is > 0 and <= 1 && one.NoiseMultiplier > 0 && double.IsFinite(one.NoiseMultiplier))) is { RunId: { } run }
            ? $"a release of {run} has a rate that is not in (0, 1], or a noise multiplier that is not above 0"
            : Runs.Select(run => run.Delta).Concat(Versions.Select(version => version.Says.Delta)).Any(delta => delta is not (> 0 and < 1)) ? "a δ of it is not in (0, 1)" : null;
    }

    /// <summary>Collects it. Charges that are made meanwhile are left out.</summary>
    /// <param name="grains">Of a federation's cluster.</param>
    /// <param name="federation">The federation.</param>
    /// <param name="runs">Its runs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LedgerEvidence> CollectAsync(IGrainFactory grains, string federation, IEnumerable<string> runs, CancellationToken cancellationToken = default)
    {
        var (found, versions) = (ImmutableArray.CreateBuilder<PrivateRun>(), ImmutableArray.CreateBuilder<PrivateVersion>());
        foreach (var run in runs) // before the ledger, which has a round's charge before the run has the round
        {
            if (await grains.GetGrain<IRunGrain>(GrainKeys.Run(federation, run)).GetStatusAsync(cancellationToken) is { Request.Privacy: { } privacy } status)
            {
                found.Add(new PrivateRun(run, privacy.Epsilon, privacy.Delta, [.. status.Rounds.Where(round => round.Phase == nameof(RoundPhase.Committed)).Select(round => round.Round)]));
            }
        }

        var model = grains.GetGrain<IModelGrain>(federation);
        foreach (var line in (await model.GetSummaryAsync(cancellationToken)).Versions)
        {
            if (await model.GetManifestAsync(line.Version, cancellationToken) is { Privacy: { } statement } manifest)
            {
                versions.Add(new PrivateVersion(manifest.Version, manifest.RunId, manifest.Round, statement));
            }
        }

        var grain = grains.GetGrain<IPrivacyLedgerGrain>(federation);
        var (ledger, page) = (await grain.ReadAsync(cancellationToken), await grain.ReadChargesAsync(0, cancellationToken));
        var (charges, before) = (page.Charges.ToBuilder(), page.Before);
        for (var number = 1; number < page.Pages; number++)
        {
            page = await grain.ReadChargesAsync(number, cancellationToken);
            charges.AddRange(page.Charges);
        }

        return new LedgerEvidence
        {
            Federation = federation,
            Budget = ledger.Budget,
            Head = ledger.Head,
            Accounts = ledger.Accounts,
            Before = before,
            Charges = [.. charges.Take((int)(ledger.Accounts.Sum(account => account.Charges) - before.Accounts.Sum(account => account.Charges)))],
            Runs = found.ToImmutable(),
            Versions = versions.ToImmutable(),
        };
    }
}

/// <summary>A run whose models hide a client's part.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epsilon">The most ε that it may spend.</param>
/// <param name="Delta">At this δ.</param>
/// <param name="Committed">Rounds that it has committed, as its record says.</param>
public sealed record PrivateRun(string RunId, double Epsilon, double Delta, ImmutableArray<int> Committed);

/// <summary>A version of a private run.</summary>
/// <param name="Version">Its number.</param>
/// <param name="RunId">The run.</param>
/// <param name="Round">After which round.</param>
/// <param name="Says">What it says was spent.</param>
public sealed record PrivateVersion(long Version, string RunId, int Round, PrivacyStatement Says);
