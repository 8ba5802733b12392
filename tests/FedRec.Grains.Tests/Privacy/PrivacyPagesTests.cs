using System.Collections.Immutable;
using FedRec.Contracts.Privacy;
using FedRec.Core.Snapshots;
using FedRec.Grains.Privacy;

namespace FedRec.Grains.Tests.Privacy;

/// <summary>All charges are kept, in their order, whatever is lost on the way; with the runs' records they fit.</summary>
public sealed class PrivacyPagesTests
{
    private const int Many = (2 * PrivacyPages.Size) + 40;
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Fact]
    public async Task Charges_OverPagesThatFailToBeWritten_AreAllThereInOrderAfterARestart()
    {
        var charges = Enumerable.Range(1, Many).Select(round => new PrivacyCharge("run-1", round, $"release {round}", 0.1, 40)).ToArray();
        await using (var first = await PrivateFederation.StartAsync(_states))
        {
            foreach (var charge in charges)
            {
                if (charge.Round == PrivacyPages.Size) // the page that it fills is refused, then the ledger that counts the page
                {
                    foreach (var state in new[] { PrivacyPages.NameOf(0), "privacy" })
                    {
                        _states.FailWritesOf = state;
                        await Assert.ThrowsAnyAsync<Exception>(() => Ledger(first).ChargeAsync(charge));
                        Assert.Equal(PrivacyPages.Size - 1, (await Ledger(first).ReadAsync()).Accounts[0].Charges);
                    }

                    _states.FailWritesOf = null;
                }

                await Ledger(first).ChargeAsync(charge);
            }

            await first.Cluster.KillSiloAsync(first.Cluster.Silos[0]);
        }

        await using var second = await PrivateFederation.StartAsync(_states);
        var evidence = await LedgerEvidence.CollectAsync(second.Grains, "test", []);

        Assert.Equal(charges, evidence.Charges);
        Assert.Equal((PrivacyBeginning.Nothing, 3), (evidence.Before with { Accounts = [] }, (await Ledger(second).ReadChargesAsync(2)).Pages));
        Assert.All(LedgerCheck.Of(evidence), finding => Assert.True(finding.Holds, finding.Text));
        Assert.InRange(_states.Sizes.Where(write => write.State == "privacy").Max(write => write.Bytes), 1, 40_000); // not as long as the ledger
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Ledger(second).ReadChargesAsync(3));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Ledger(second).ReadChargesAsync(-1));
    }

    [Theory]
    [InlineData(5, 6)]
    [InlineData(100, 1)]
    public async Task Charges_OfAnEarlierReleasesLedger_GoOnFromWhatItKept(int earlier, int kept)
    {
        await using (var first = await PrivateFederation.StartAsync(_states))
        {
            for (var round = 1; round <= earlier; round++)
            {
                await Ledger(first).ChargeAsync(new PrivacyCharge("run-1", round, $"release {round}", 0.1, 40));
            }

            await first.Cluster.KillSiloAsync(first.Cluster.Silos[0]);
            _states.Change<PrivacyLedgerState>("privacy", Ledger(first).GetGrainId().ToString(), first.Serializer, state => new PrivacyLedgerState { Ledger = state.Ledger }); // all that it had
        }

        await using var second = await PrivateFederation.StartAsync(_states);
        var untouched = await LedgerEvidence.CollectAsync(second.Grains, "test", []);
        await Ledger(second).ChargeAsync(new PrivacyCharge("run-1", earlier + 1, "another", 0.1, 40));
        var evidence = await LedgerEvidence.CollectAsync(second.Grains, "test", []);

        Assert.Equal((kept - 1, kept, earlier + 1 - kept), (untouched.Charges.Length, evidence.Charges.Length, evidence.Before.Accounts.Sum(account => account.Charges)));
        Assert.All(LedgerCheck.Of(untouched).Concat(LedgerCheck.Of(evidence, untouched.Head)), finding => Assert.True(finding.Holds, finding.Text));
    }

    [Fact]
    public async Task Evidence_OfRealRuns_Fits_AndNamesEachRoundAndVersion()
    {
        await using var federation = await PrivateFederation.StartAsync(_states, _models);
        await federation.RunAsync(PrivateFederation.Request());
        await federation.RunAsync(PrivateFederation.Request() with { Privacy = null });
        await federation.RunAsync(PrivateFederation.Request(epsilon: 3, noise: 0) with { Learner = "pca", LearnerOptions = ImmutableSortedDictionary<string, string>.Empty, Rounds = new() });

        var evidence = await LedgerEvidence.CollectAsync(federation.Grains, "test", ["run-1", "run-2", "run-3"]);

        Assert.Equal(["run-1 1 2 3 4", "run-3 1 2"], evidence.Runs.Select(run => $"{run.RunId} {string.Join(' ', run.Committed)}"));
        Assert.Equal([(1L, "run-1", 4), (3L, "run-3", 2)], evidence.Versions.Select(version => (version.Version, version.RunId, version.Round)));
        Assert.Equal(6, evidence.Charges.Length);
        Assert.All(LedgerCheck.Of(evidence), finding => Assert.True(finding.Holds, finding.Text));
        var cheaper = evidence with { Versions = [.. evidence.Versions.Select(version => version with { Says = version.Says with { Epsilon = version.Says.Epsilon * 0.999 } })] };
        Assert.Equal(2, LedgerCheck.Of(cheaper).Count(finding => !finding.Holds)); // what they say is what it comes to, not more
    }

    private static IPrivacyLedgerGrain Ledger(TestFederation federation) => federation.Grains.GetGrain<IPrivacyLedgerGrain>("test");
}
