using FedRec.Core.Audits;
using FedRec.Core.Privacy.Accounting;

namespace FedRec.Core.Tests.Audits;

/// <summary>What canaries tell of a run is no more than what its accountant claims, and is more where the noise is missing.</summary>
public sealed class CanaryProbeTests
{
    private const int Canaries = 100;
    private const double Confidence = 0.95;
    private const double Noise = 6; // of two rounds: ε just below 1
    private static readonly PrivacyBudget s_budget = new(1, 1e-5);

    // D3: a bound is wrong in at most one of twenty runs by its own words; of a run that keeps its promise it is far below.
    [Theory]
    [InlineData(0, 0.8, 1)]
    [InlineData(60, 0.2, 0.5)]
    public void LowerBound_OfAPrivateRun_IsBelowWhatIsClaimed_InTwentySeeds(int cohort, double low, double high)
    {
        var run = Private(cohort);

        Assert.All(Enumerable.Range(1, 20), seed => Assert.False(Audit(run, (ulong)seed).IsBroken));
        Assert.InRange(Audit(run, 1).Claimed, low, high);
    }

    [Fact]
    public void LowerBound_OfARunWithoutPrivacy_IsFarAboveASmallEpsilon()
    {
        var found = Audit(AuditedData.Logistic(3) with { ClipNorm = 0.5 }, 1);

        Assert.True(found.LowerBound > 2 && double.IsPositiveInfinity(found.Claimed), $"{found.LowerBound}");
        Assert.True(found.Area.Value > 0.95);
    }

    // Noise that is a twentieth of what the accountant was told: the audit sees it.
    [Fact]
    public void LowerBound_OfARunWhoseNoiseIsNotThere_IsAboveWhatIsClaimed()
    {
        var run = Private(0);

        Assert.True(CanaryProbe.Run(run, AuditedData.Data, AuditedData.Users[..40], Canaries, Confidence, 1, honest => honest with { NoiseMultiplier = Noise / 20 }).IsBroken);
    }

    [Fact]
    public void Canaries_OfLearnersThatSendStatistics_AreRefused()
    {
        Assert.Contains("cannot be clipped", Assert.Throws<ArgumentException>(() => Audit(AuditedData.Run("ease", 1) with { ClipNorm = 1 }, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("--clip-norm", Assert.Throws<ArgumentException>(() => Audit(AuditedData.Logistic(1), 1)).Message, StringComparison.Ordinal);
    }

    private static AuditedRun Private(int cohort) => AuditedData.Logistic(2) with { ClipNorm = 0.5, Cohort = cohort, Budget = s_budget, NoiseMultiplier = Noise };

    private static CanaryFindings Audit(AuditedRun run, ulong seed) => CanaryProbe.Run(run, AuditedData.Data, AuditedData.Users[..40], Canaries, Confidence, seed);
}
