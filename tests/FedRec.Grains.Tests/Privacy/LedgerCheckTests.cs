using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using FedRec.Contracts.Privacy;
using FedRec.Grains.Privacy;

namespace FedRec.Grains.Tests.Privacy;

/// <summary>What fits is found to fit, and whatever one changes in it is found.</summary>
public sealed class LedgerCheckTests
{
    private static readonly LedgerEvidence s_honest = Honest();

    public static TheoryData<string> Changes => [.. s_changes.Keys];

    private static readonly Dictionary<string, (string Found, Func<LedgerEvidence, LedgerEvidence> Change)> s_changes = new()
    {
        ["a charge is gone"] = ("chain", one => one with { Charges = one.Charges.RemoveAt(2) }),
        ["the last charge is gone"] = ("chain", one => one with { Charges = one.Charges.RemoveAt(one.Charges.Length - 1) }),
        ["a charge too many"] = ("chain", one => one with { Charges = one.Charges.Insert(1, one.Charges[1]) }),
        ["two charges are the other way round"] = ("chain", one => one with { Charges = one.Charges.SetItem(0, one.Charges[1]).SetItem(1, one.Charges[0]) }),
        ["more noise than there was"] = ("chain", one => one with { Charges = one.Charges.SetItem(3, one.Charges[3] with { NoiseMultiplier = 9 }) }),
        ["a smaller chance"] = ("chain", one => one with { Charges = one.Charges.SetItem(3, one.Charges[3] with { Rate = 0.001 }) }),
        ["another run"] = ("chain", one => one with { Charges = one.Charges.SetItem(3, one.Charges[3] with { RunId = "run-2" }) }),
        ["another round"] = ("chain", one => one with { Charges = one.Charges.SetItem(3, one.Charges[3] with { Round = 9 }) }),
        ["another name"] = ("chain", one => one with { Charges = one.Charges.SetItem(3, one.Charges[3] with { Name = "" }) }),
        ["another head"] = ("chain", one => one with { Head = new string('0', 64) }),
        ["fewer charges and a head that fits"] = ("counts", one => Chained(one with { Charges = one.Charges.RemoveAt(2) })),
        ["an account counts fewer"] = ("counts", one => one with { Accounts = one.Accounts.SetItem(0, one.Accounts[0] with { Charges = 1 }) }),
        ["an account is gone"] = ("counts", one => one with { Accounts = one.Accounts.RemoveAt(1) }),
        ["a round that only the run has a record of"] = ("run-1", one => Recounted(one with { Charges = one.Charges.RemoveAt(1) })),
        ["a run that may spend less"] = ("run-2", one => one with { Runs = one.Runs.SetItem(1, one.Runs[1] with { Epsilon = 0.1 }) }),
        ["more charges than a run may make"] = ("run-2", one => Recounted(one with { Charges = [.. one.Charges, .. Enumerable.Range(3, 200).Select(round => Charge("run-2", round, 0.5, 1))] })),
        ["a version that says less of its run"] = ("version 1", one => one with { Versions = one.Versions.SetItem(0, one.Versions[0] with { Says = one.Versions[0].Says with { Epsilon = 0.99 * one.Versions[0].Says.Epsilon } }) }),
        ["a version that says less of all runs"] = ("version 2", one => one with { Versions = one.Versions.SetItem(1, one.Versions[1] with { Says = one.Versions[1].Says with { FederationEpsilon = one.Versions[1].Says.Epsilon } }) }),
    };

    [Fact]
    public void Evidence_ThatIsHonest_Fits()
    {
        var findings = LedgerCheck.Of(s_honest, s_honest.Charges[0].ChainedTo(""));

        Assert.Equal(["chain", "counts", "known head", "run-1", "run-1", "run-2", "run-2", "version 1", "version 2"], findings.Select(finding => finding.What));
        Assert.All(findings, finding => Assert.True(finding.Holds, finding.Text));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Evidence_ThatSomebodyHasChanged_IsFoundOut(string what)
    {
        var (found, change) = s_changes[what];

        Assert.Contains(found, LedgerCheck.Of(change(s_honest)).Where(finding => !finding.Holds).Select(finding => finding.What));
    }

    // Written again as a whole, records fit; what somebody has kept of the chain does not.
    [Fact]
    public void Evidence_ThatWasWrittenAgainAsAWhole_IsFoundOutByAHeadThatSomebodyKept()
    {
        var again = Recounted(s_honest with
        {
            Charges = s_honest.Charges.SetItem(0, s_honest.Charges[0] with { NoiseMultiplier = 50 }),
            Versions = [.. s_honest.Versions.Select(version => version with { Says = version.Says with { Epsilon = 99, FederationEpsilon = 99 } })],
        });

        Assert.DoesNotContain(LedgerCheck.Of(again), finding => !finding.Holds);
        Assert.Contains(LedgerCheck.Of(again, s_honest.Head), finding => finding is { What: "known head", Holds: false });
    }

    [Fact]
    public void Evidence_OfALedgerThatAnEarlierReleaseBegan_IsFollowedFromThere()
    {
        var (head, accounts) = (new string('7', 64), ImmutableArray.Create(new PrivacyAccount("run-0", 0.1, 1, 500), new PrivacyAccount("run-1", 0.1, 4, 2)));
        var later = Recounted(s_honest with { Before = new PrivacyBeginning(head, accounts), Runs = s_honest.Runs.SetItem(0, s_honest.Runs[0] with { Committed = [1, 2, 3, 4, 9] }) });
        var least = LedgerCheck.Of(later).Where(finding => !finding.Holds).Select(finding => finding.What);

        Assert.Equal(["version 1", "version 2"], least); // they said too little of all that was spent
        Assert.Contains(LedgerCheck.Of(later with { Runs = later.Runs.SetItem(0, later.Runs[0] with { Committed = [1, 2, 3, 4, 9, 10, 11] }) }), finding => finding is { What: "run-1", Holds: false });
    }

    // By hand, as the documentation of the hash says.
    [Fact]
    public void Chain_ByHand_IsTheHashOfItsLines()
    {
        var text = string.Join('\n', "fedrec privacy ledger 1", "ab", "run-3", "7", "name", "0.1", "1.5");

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text))), new PrivacyCharge("run-3", 7, "name", 0.1, 1.5).ChainedTo("ab"));
    }

    private static LedgerEvidence Honest()
    {
        PrivacyCharge[] charges = [.. Enumerable.Range(1, 4).Select(round => Charge("run-1", round, 0.1, 4)), Charge("run-2", 1, 1, 30), Charge("run-2", 2, 1, 10), Charge("run-1", 5, 0.1, 4)];
        return Recounted(new LedgerEvidence
        {
            Federation = "test",
            Head = "",
            Accounts = [],
            Before = PrivacyBeginning.Nothing,
            Charges = [.. charges],
            Runs = [new("run-1", 2, 1e-5, [1, 2, 4, 5]), new("run-2", 3, 1e-5, [1, 2])],
            Versions =
            [
                new(1, "run-1", 4, new PrivacyStatement { Delta = 1e-5, Epsilon = Epsilon(charges[..4]), FederationEpsilon = Epsilon(charges[..4]) }),
                new(2, "run-2", 2, new PrivacyStatement { Delta = 1e-6, Epsilon = Epsilon(charges[4..6], 1e-6), FederationEpsilon = Epsilon(charges[..6], 1e-6) }),
            ],
        });
    }

    private static PrivacyCharge Charge(string run, int round, double rate, double noise) => new(run, round, $"{run} {round}", rate, noise);

    private static double Epsilon(IEnumerable<PrivacyCharge> charges, double delta = 1e-5) => Spending.Epsilon(Accounts([], charges), delta);

    private static LedgerEvidence Chained(LedgerEvidence one) => one with { Head = one.Charges.Aggregate(one.Before.Head, (head, charge) => charge.ChainedTo(head)) };

    private static LedgerEvidence Recounted(LedgerEvidence one) => Chained(one) with { Accounts = Accounts(one.Before.Accounts, one.Charges) };

    private static ImmutableArray<PrivacyAccount> Accounts(IEnumerable<PrivacyAccount> before, IEnumerable<PrivacyCharge> charges) => [.. before
        .Concat(charges.Select(charge => new PrivacyAccount(charge.RunId, charge.Rate, charge.NoiseMultiplier, 1)))
        .GroupBy(account => (account.RunId, account.Rate, account.NoiseMultiplier), (kind, alike) => new PrivacyAccount(kind.RunId, kind.Rate, kind.NoiseMultiplier, alike.Sum(account => account.Charges)))];
}
