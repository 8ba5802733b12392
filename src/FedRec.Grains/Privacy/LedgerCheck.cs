using System.Collections.Immutable;
using System.Globalization;
using FedRec.Contracts.Privacy;

namespace FedRec.Grains.Privacy;

/// <summary>Verifies a ledger by what there is beside it: every end of the chain, every count and every ε is worked out anew.</summary>
/// <remarks>What it shows is that the records fit one another. Whoever can write all of them can write others that fit; so keep a head, or the evidence, where the operator cannot write.</remarks>
public static class LedgerCheck
{
    private const double Rounding = 1e-6; // relative: accountants work on grids

    /// <summary>All that was looked at.</summary>
    /// <param name="evidence">What there is.</param>
    /// <param name="known">An end of the chain that somebody has kept; null for none.</param>
    public static ImmutableArray<LedgerFinding> Of(LedgerEvidence evidence, string? known = null) =>
    [
        ChainOf(evidence),
        CountsOf(evidence),
        .. known is null ? [] : new[] { KnownIn(evidence, known) },
        .. evidence.Runs.SelectMany(run => new[] { RoundsOf(evidence, run), LimitOf(evidence, run) }),
        .. evidence.Versions.Select(version => VersionIn(evidence, version)),
    ];

    private static LedgerFinding ChainOf(LedgerEvidence evidence) => HeadsOf(evidence).Last() is var end && end == evidence.Head
        ? new("chain", true, $"{evidence.Charges.Length:N0} charges lead to the ledger's head{(evidence.Before.Accounts.IsEmpty ? "" : $", from where an earlier release had counted {CountOf(evidence.Before.Accounts):N0}")}")
        : new("chain", false, $"the charges lead to {Short(end)}, and the ledger's head is {Short(evidence.Head)}: a charge is missing, changed or too many");

    private static LedgerFinding CountsOf(LedgerEvidence evidence)
    {
        var counted = Counted([.. evidence.Before.Accounts, .. Ones(evidence.Charges)]);
        var wrong = Counted(evidence.Accounts).Except(counted).Concat(counted.Except(Counted(evidence.Accounts))).FirstOrDefault();
        return wrong is null ? new("counts", true, $"{CountOf(evidence.Accounts):N0} releases, each under its run, noise and rate")
            : new("counts", false, $"of {wrong.RunId} with noise multiplier {Number(wrong.NoiseMultiplier)} and rate {Number(wrong.Rate)} the ledger has another number of releases than there are charges");
    }

    private static LedgerFinding KnownIn(LedgerEvidence evidence, string known) => HeadsOf(evidence).Contains(known)
        ? new("known head", true, $"{Short(known)} is in the chain: nothing before it was changed since")
        : new("known head", false, $"{Short(known)} is not in the chain: it was written again since, or the head is of another ledger");

    private static LedgerFinding RoundsOf(LedgerEvidence evidence, PrivateRun run)
    {
        var charged = evidence.Charges.Where(charge => charge.RunId == run.RunId).Select(charge => charge.Round).ToHashSet();
        var free = run.Committed.Where(round => !charged.Contains(round)).ToArray();
        return free.Length <= CountOf(evidence.Before.Accounts.Where(account => account.RunId == run.RunId))
            ? new(run.RunId, true, $"{run.Committed.Length:N0} committed rounds, each charged")
            : new(run.RunId, false, $"round {free[0]} was committed and never charged");
    }

    private static LedgerFinding LimitOf(LedgerEvidence evidence, PrivateRun run)
    {
        var epsilon = Spending.Epsilon(Up(evidence, evidence.Charges.Length).Where(account => account.RunId == run.RunId), run.Delta);
        return new(run.RunId, epsilon <= run.Epsilon * (1 + Rounding), $"ε {Number(epsilon)} at δ {Number(run.Delta)} of {Number(run.Epsilon)} that it may spend");
    }

    private static LedgerFinding VersionIn(LedgerEvidence evidence, PrivateVersion version)
    {
        var last = evidence.Charges.Select((charge, place) => charge.RunId == version.RunId && charge.Round <= version.Round ? place : -1).Append(-1).Max();
        var all = Up(evidence, last + 1).ToArray();
        var own = all.Where(account => account.RunId == version.RunId);
        var (epsilon, federation) = (Spending.Epsilon(own, version.Says.Delta), Spending.Epsilon(all, version.Says.Delta));
        var name = FormattableString.Invariant($"version {version.Version}");
        return epsilon > version.Says.Epsilon * (1 + Rounding) ? new(name, false, $"says ε {Number(version.Says.Epsilon)}, and the charges up to its round {version.Round} come to {Number(epsilon)}")
            : federation > version.Says.FederationEpsilon * (1 + Rounding) ? new(name, false, $"says ε {Number(version.Says.FederationEpsilon)} of all runs, and the charges up to then come to {Number(federation)}")
            : new(name, true, $"says ε {Number(version.Says.Epsilon)} at δ {Number(version.Says.Delta)}, and {Number(version.Says.FederationEpsilon)} with all runs: no less than its charges");
    }

    // Every end that the chain has had.
    private static IEnumerable<string> HeadsOf(LedgerEvidence evidence)
    {
        var head = evidence.Before.Head;
        yield return head;
        foreach (var charge in evidence.Charges)
        {
            yield return head = charge.ChainedTo(head);
        }
    }

    private static IEnumerable<PrivacyAccount> Up(LedgerEvidence evidence, int charges) => Counted([.. evidence.Before.Accounts, .. Ones(evidence.Charges.Take(charges))]);

    private static IEnumerable<PrivacyAccount> Ones(IEnumerable<PrivacyCharge> charges) => charges.Select(charge => new PrivacyAccount(charge.RunId, charge.Rate, charge.NoiseMultiplier, 1));

    private static IEnumerable<PrivacyAccount> Counted(IEnumerable<PrivacyAccount> accounts) =>
        accounts.GroupBy(account => account with { Charges = 0 }).Select(alike => alike.Key with { Charges = alike.Sum(account => account.Charges) });

    private static long CountOf(IEnumerable<PrivacyAccount> accounts) => accounts.Sum(account => account.Charges);

    private static string Short(string head) => head.Length == 0 ? "nothing" : head[..Math.Min(12, head.Length)];

    private static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture) is "0" && value > 0 ? value.ToString("0.##E+0", CultureInfo.InvariantCulture) : value.ToString("0.######", CultureInfo.InvariantCulture);
}

/// <summary>Something that was looked at.</summary>
/// <param name="What">It.</param>
/// <param name="Holds">Whether it is as it should be.</param>
/// <param name="Text">What was found, without a full stop.</param>
public sealed record LedgerFinding(string What, bool Holds, string Text);
