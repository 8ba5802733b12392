using FedRec.Core.Audits;
using FedRec.Core.Privacy.SecureAggregation;

namespace FedRec.Core.Tests.Audits;

/// <summary>Item vectors that one client is shown differently are noticed where updates are masked, before anything of a client leaves.</summary>
public sealed class TamperProbeTests
{
    private static readonly float[] s_model = [.. Enumerable.Range(0, 40).Select(i => i / 8f)];

    [Fact]
    public void OneClient_ThatIsShownSomethingElse_IsNoticedWhereUpdatesAreMasked()
    {
        var findings = TamperProbe.Run(s_model, isMasked: true, SecureMean.Instance);

        Assert.All(findings.SkipLast(1), finding => Assert.True(finding.IsDetected && finding.How.Contains("refuse before they send", StringComparison.Ordinal), finding.What));
        Assert.Equal(["item vectors, for one client", "item features, for one client", "items of the catalogue, for one client", "settings of training, for one client"], findings.SkipLast(1).Select(finding => finding.What));
        Assert.False(findings[^1].IsDetected); // what is the same for everybody is no difference
    }

    [Fact]
    public void NothingIsNoticed_WhereUpdatesAreNotMasked() =>
        Assert.All(TamperProbe.Run(s_model, isMasked: false, AuditedData.Masks), finding => Assert.False(finding.IsDetected));

    [Fact]
    public void ARound_OfOneModel_GoesOn()
    {
        var binding = new RoundBinding("1", "2", "3", "4", "5");

        Assert.False(TamperProbe.Find("nothing", binding, binding, isMasked: true, AuditedData.Masks).IsDetected);
    }
}
