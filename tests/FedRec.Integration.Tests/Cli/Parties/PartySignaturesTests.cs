using System.Security.Cryptography;
using FedRec.Cli.Commands;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>What <c>party signatures</c> finds wrong: a signature that is not the key's, another coordinator's, a round that was counted without one.</summary>
public sealed class PartySignaturesTests : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Check_OfWhatWasSigned_Holds()
    {
        var check = Check("server", Signed(1), Signed(2));

        Assert.True(check.Holds);
        Assert.Equal((2, 2, 0), (check.Counted, check.Signed, check.NotGood));
        Assert.Equal([PartyFingerprint.Of(_key.ExportSubjectPublicKeyInfo())], check.Fingerprints);
    }

    [Fact]
    public void Check_OfARoundThatWasDoneAgain_CountsItOnce() => Assert.Equal((2, 2), (Check("server", Signed(1), Signed(1, attempt: 2), Signed(2)).Counted, Check("server", Signed(1), Signed(1, attempt: 2), Signed(2)).Signed));

    [Fact]
    public void Check_OfAnythingThatWasChanged_DoesNotHold()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SignedUpdate[] changed =
        [
            Signed(2) with { PayloadSha256 = "other" }, Signed(2) with { ModelSha256 = "other" }, Signed(2) with { Signature = new byte[64] }, Signed(2) with { Signature = default },
            Signed(2) with { PublicKey = other.ExportSubjectPublicKeyInfo() }, Signed(2) with { PublicKey = new byte[] { 1 } },
        ];

        Assert.All(changed, update => Assert.Equal((false, 1), (Check("server", Signed(1), update).Holds, Check("server", Signed(1), update).NotGood)));
        Assert.False(Check("another", Signed(1), Signed(2)).Holds);
    }

    [Fact]
    public void Check_OfARoundWithoutASignature_DoesNotHold()
    {
        var check = Check("server", Signed(2));

        Assert.False(check.Holds);
        Assert.Equal((2, 1, 0), (check.Counted, check.Signed, check.NotGood));
    }

    private static PartySignaturesCommand.Checked Check(string server, params SignedUpdate[] updates) => PartySignaturesCommand.Check("shops", new PartyRecord
    {
        Id = "remote-1",
        Name = "north",
        Standing = PartyStanding.Active,
        Runs = [new PartyRun("run-3", 2, 0, 100, 2)],
    }, "run-3", new PartySignatures(server, [.. updates]));

    private SignedUpdate Signed(int round, int attempt = 1)
    {
        var update = new SignedUpdate
        {
            Update = new PartyUpdateId("run-3", round, attempt),
            Client = 0,
            BaseVersion = 0,
            Phase = "training/1",
            ModelSha256 = "ab",
            CatalogueSha256 = "cd",
            ConfigSha256 = "ef",
            PayloadSha256 = $"0{round}",
            PublicKey = _key.ExportSubjectPublicKeyInfo(),
            Signature = default,
            At = DateTimeOffset.UnixEpoch,
            IsCounted = true,
        };
        return update with { Signature = PartyKeys.Sign(_key, PartyStatements.OfUpdate("shops", "server", "remote-1", update)) };
    }
}
