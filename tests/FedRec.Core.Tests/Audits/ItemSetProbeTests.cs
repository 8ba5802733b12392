using FedRec.Core.Audits;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Audits;

/// <summary>Which items a client has met is told by its plain updates, and not by masked ones.</summary>
public sealed class ItemSetProbeTests
{
    private const int Cohort = 15;
    private const int Rounds = 20;

    [Theory]
    [InlineData("mf", "logistic")]
    [InlineData("mf", "least-squares")]
    public void Run_OfAFederation_FindsItemSetsInPlainUpdates_AndNotInMaskedOnes(string learner, string objective)
    {
        var leaks = Probe(AuditedData.Run(learner, Rounds, ("objective", objective), ("dims", "8")));

        Assert.True(leaks[ItemSetProbe.Plain] is { OfItems.Low: >= 0.9, OfClients.Low: >= 0.9 }, $"{leaks[ItemSetProbe.Plain]}");
        Assert.True(leaks[ItemSetProbe.Masked] is { OfItems.High: <= 0.55, OfClients.Value: <= 0.55 }, $"{leaks[ItemSetProbe.Masked]}");
        Assert.Equal(0.5, leaks[ItemSetProbe.Sums].OfClients.Value, 1e-12); // what is the same for all tells nothing of one
        Assert.True(leaks[ItemSetProbe.Presence].OfClients.Value < leaks[ItemSetProbe.Plain].OfClients.Value - 0.2, $"{leaks[ItemSetProbe.Presence]}");
    }

    [Fact]
    public void Run_OfStatistics_ReadsTheCountsOfPairsToo()
    {
        var leaks = Probe(AuditedData.Run("ease", 1, ("lambda", "100")), rounds: 1, cohort: 0);

        Assert.Equal(1, leaks[ItemSetProbe.Plain].OfItems.Value, 1e-12);
        Assert.True(leaks[ItemSetProbe.Masked].OfItems.High <= 0.55, $"{leaks[ItemSetProbe.Masked]}"); // masks are drawn anew each time: of so many clients chance is five standard deviations below
    }

    // A probe that finds nothing in masked words must be one that would find something: a thousandth of what a client has met is enough beside noise of a thousandth.
    [Fact]
    public void Measure_OfNoiseAndAPlantedLeak_FindsTheLeakAlone()
    {
        var random = SeedSequence.For(1, "planted");
        int[][] met = [.. Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, 200).Where(_ => random.NextDouble() < 0.1).ToArray())];
        double[][] noise = [.. met.Select(_ => Enumerable.Range(0, 200).Select(_ => random.NextGaussian()).ToArray())];
        double[][] planted = [.. noise.Select((own, client) => own.Select((score, item) => score + (met[client].Contains(item) ? 1 : 0)).ToArray())];

        var (nothing, leak) = (ItemSetProbe.Measure("noise", noise, met, _ => true), ItemSetProbe.Measure("planted", planted, met, _ => true));

        Assert.True(nothing.OfItems is { Low: <= 0.5, High: >= 0.5 and <= 0.55 });
        Assert.InRange(leak.OfItems.Value, 0.74, 0.78); // Φ(1 / √2) = 0.760
        Assert.InRange(leak.OfClients.Value, 0.74, 0.78);
    }

    private static Dictionary<string, ItemSetLeak> Probe(AuditedRun run, int rounds = Rounds, int cohort = Cohort) =>
        ItemSetProbe.Run(run, AuditedData.Data, AuditedData.Users, cohort, rounds, AuditedData.Masks, seed: 1).ToDictionary(leak => leak.View);
}
