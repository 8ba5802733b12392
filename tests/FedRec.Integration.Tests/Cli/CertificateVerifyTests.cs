using System.Security.Cryptography;
using FedRec.Cli;
using FedRec.Contracts.Histories;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>A certificate is verified where there is no store; one that was changed, or was signed by somebody else, is found out.</summary>
public sealed class CertificateVerifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Verify_ACertificate_TellsWhetherItFitsAndWhoseKeyItIs()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var certificate = new ForgettingCertificate { Federation = "shop", Subject = new string('a', 64), Edition = 1, Interactions = 17 }.SignedBy("0f8fad5b", key);
        var text = certificate.Write();

        var known = await VerifyAsync(text, "--key", certificate.KeySha256().ToUpperInvariant());
        var unknown = await VerifyAsync(text);
        var other = await VerifyAsync(text, "--key", new string('0', 64));
        var changed = await VerifyAsync(text.Replace("\"interactions\": 17", "\"interactions\": 71", StringComparison.Ordinal), "--key", certificate.KeySha256());

        Assert.Equal([ExitCode.Ok, ExitCode.Ok, ExitCode.Failed, ExitCode.Failed], [known.ExitCode, unknown.ExitCode, other.ExitCode, changed.ExitCode]);
        Assert.Equal([true, true, false, false], new[] { known, unknown, other, changed }.Select(run => run.Json.GetProperty("fits").GetBoolean()));
        Assert.Equal([true, false], new[] { known, unknown }.Select(run => run.Json.GetProperty("keyCompared").GetBoolean()));
    }

    [Theory]
    [InlineData(null, "cannot be read")]
    [InlineData("null", "is no certificate")]
    [InlineData("{\"note\": \"not signed\"}", "is no certificate")]
    public async Task Verify_AFileThatIsNone_SaysSo(string? text, string expected)
    {
        var run = await VerifyAsync(text);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private Task<CommandRun> VerifyAsync(string? text, params string[] more)
    {
        if (text is not null)
        {
            File.WriteAllText(Path.Combine(_folder.Path, "42.json"), text);
        }

        return CommandRun.OfAsync(_folder.Path, ["history", "verify", "42.json", "--format", "json", .. more]);
    }
}
