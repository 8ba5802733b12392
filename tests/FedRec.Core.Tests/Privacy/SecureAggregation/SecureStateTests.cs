using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>Clients and servers that are started again, and what they leave behind.</summary>
public sealed class SecureStateTests
{
    [Fact]
    public void Run_WithEverybodyStartedAgainAfterEachStep_IsTheSame()
    {
        using var session = new SecureSession(10, isQuick: false);
        var gone = session.Round.Numbers[2];

        Assert.Null(session.Advertise(_ => true));
        StartAgain(session);
        Assert.Null(session.Share(_ => true));
        StartAgain(session);
        Assert.Null(session.Mask(number => number != gone));
        StartAgain(session);
        Assert.Null(session.Consent(_ => true));
        StartAgain(session);
        session.Unmask(_ => true);
        StartAgain(session);

        DropoutTests.AssertIsSumOf(session, SecureSession.Value(session.Server.Finish(session.Sum)), session.Round.Numbers.Where(number => number != gone));
    }

    [Fact]
    public void Import_OfAServerThatGaveUp_KnowsWhyAndAboutWhom()
    {
        using var session = new SecureSession(4).UpTo(ServerPhase.Collecting);
        var number = session.Round.Numbers[0];
        var delivery = session.Server.DeliveryOf(number);
        session.Receive(SecureSession.Value(session.Clients[number].Mask(delivery with { Shares = delivery.Shares[1..] }, session.UpdateOf(number))));
        Assert.NotNull(session.Server.EndCollecting(session.Sum.Clients));

        var again = SecureServer.Import(session.Round, session.Server.Export());

        Assert.Equal((ServerPhase.Abandoned, session.Server.Failure), (again.Phase, again.Failure));
        Assert.Equal([new Finding(session.Round.Numbers[1], FindingKind.ShareNotOpened, number)], again.Findings.AsEnumerable());
        Assert.Equal(session.Server.Export(), again.Export());
    }

    [Fact]
    public void Import_OfWhatIsDamagedOrOfAnotherRound_IsRefused()
    {
        using var session = new SecureSession(4).UpTo(ServerPhase.Collecting);
        var (client, server) = (session.Clients[session.Round.Numbers[0]].Export(), session.Server.Export());
        var other = session.RoundOf(SecureSession.Binding with { ModelHash = "other" });
        var signer = session.Signers[session.Round.Numbers[0]];

        Assert.Throws<InvalidDataException>(() => SecureClient.Import(other, signer, client));
        Assert.Throws<InvalidDataException>(() => SecureServer.Import(other, server));
        Assert.Throws<InvalidDataException>(() => SecureClient.Import(session.Round, signer, server));
        Assert.All(Enumerable.Range(0, client.Length), length => Assert.Throws<InvalidDataException>(() => SecureClient.Import(session.Round, signer, client.AsSpan(0, length))));
        Assert.All(Enumerable.Range(0, server.Length / 7), part => Assert.Throws<InvalidDataException>(() => SecureServer.Import(session.Round, server.AsSpan(0, 7 * part))));
        Assert.Throws<InvalidDataException>(() => SecureClient.Import(session.Round, signer, [.. client, 0]));
    }

    // States are kept: what one release wrote the next one reads.
    [Fact]
    public void Export_OfAClientAndAServer_IsAsItWasRecorded()
    {
        using var session = new SecureSession(3);
        foreach (var number in session.Round.Numbers)
        {
            session.Clients[number] = new SecureClient(session.Round, number, session.Signers[number], new SecretKey(SHA256.HashData([(byte)number])));
        }

        Assert.Null(session.Advertise(_ => true));
        Assert.Equal("4e30d2609bdb8e78e3ea4ffea53afb253c000fb7f106d63ff26da72840c95930", Convert.ToHexStringLower(SHA256.HashData(session.Server.Export()))); // afterwards nonces are in it
        Assert.Null(session.Share(_ => true) ?? session.Mask(_ => true) ?? session.Consent(_ => true));
        Assert.Equal("f324f6b0bd3347f6399cb541de9081109d55eaaabcfff800d6e679460a9cf38e", Convert.ToHexStringLower(SHA256.HashData(session.Clients[session.Round.Numbers[1]].Export())));
    }

    // Each step is done once: whoever comes late, or again, gets nothing of it.
    [Fact]
    public void Steps_OutOfOrder_AreRefusedAndChangeNothing()
    {
        using var session = new SecureSession(4).UpTo(ServerPhase.Unmasking);
        using var fresh = new SecureClient(session.Round, session.Round.Numbers[0], session.Signers[session.Round.Numbers[0]]);
        var number = fresh.Number;
        var (roll, delivery, survivors, consents) = (session.Server.RollOf(number), session.Server.DeliveryOf(number), session.Server.Survivors, session.Server.ConsentsOf(number));
        var state = fresh.Export();

        Assert.All(
            [fresh.Share(roll).Refusal, fresh.Mask(delivery, session.UpdateOf(number)).Refusal, fresh.Consent(survivors).Refusal, fresh.Unmask(consents).Refusal],
            refusal => Assert.Equal(RefusalReason.OutOfOrder, refusal!.Reason));
        Assert.Equal(state, fresh.Export());
        var late = session.Clients[number];
        Assert.All(
            [late.Advertise().Refusal, late.Share(roll).Refusal, late.Mask(delivery, session.UpdateOf(number)).Refusal, late.Consent(survivors).Refusal],
            refusal => Assert.Equal(RefusalReason.OutOfOrder, refusal!.Reason));
        Assert.Equal(ClientPhase.Consented, late.Phase);
    }

    // Whatever the server has, and whatever is printed, holds no secret and no update; and what a client had is gone when it is done.
    [Fact]
    public void EverythingOutsideOfAClient_HoldsNoneOfItsSecrets()
    {
        using var session = new SecureSession(4, isQuick: false);
        var number = session.Round.Numbers[1];
        var key = new SecretKey(SHA256.HashData("of this client"u8));
        var secrets = new ClientSecrets(session.Round, number, new SecretKey(key.Bytes));
        var client = session.Clients[number] = new SecureClient(session.Round, number, session.Signers[number], key);
        var seen = new List<byte[]>();
        foreach (var end in new Func<Refusal?>[] { () => session.Advertise(_ => true), () => session.Share(_ => true), () => session.Mask(_ => true), () => session.Consent(_ => true) })
        {
            Assert.Null(end());
            seen.Add(session.Server.Export());
            Assert.True(client.Export().AsSpan().IndexOf(secrets.Key) >= 0); // what is looked for would be found
        }

        seen.Add(session.Sum.Encoded.ToArray());
        var (rolled, delivered) = (session.Server.RollOf(number), session.Server.DeliveryOf(number));
        session.Unmask(_ => true);
        seen.Add(session.Server.Export());
        seen.Add(client.Export());
        var printed = string.Concat(
            client, session.Server, session.Round, session.Server.Survivors, rolled, delivered, rolled.Advertisements[0], delivered.Shares[0], delivered.Shares[0].Share,
            session.Shown[0], session.Shown[0].Shares[0], session.Shown[1], key, new SecretBytes(key.Bytes), secrets, secrets.OpenDeal(), secrets.OpenMaskKey(),
            new Outcome<UnmaskShares>(session.Shown[0], null), client.Advertise().Refusal);

        foreach (var secret in new[] { secrets.Key.ToArray(), secrets.OpenSelfMask().Span.ToArray(), Drawn("mask key"), Drawn("channel key"), MemoryMarshal.AsBytes(session.UpdateOf(number).Values[..4]).ToArray() })
        {
            Assert.All(seen, bytes => Assert.Equal(-1, bytes.AsSpan().IndexOf(secret.AsSpan(0, 16))));
            Assert.DoesNotContain(Convert.ToHexString(secret.AsSpan(0, 4)), printed, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToBase64String(secret.AsSpan(0, 6)), printed, StringComparison.Ordinal);
            Assert.DoesNotContain(string.Join(", ", secret[..3]), printed, StringComparison.Ordinal);
        }

        Assert.All(key.Bytes.ToArray(), value => Assert.Equal(0, value));
        byte[] Drawn(string purpose)
        {
            var bytes = new byte[32];
            new SecretKey(secrets.Key).Stream(purpose).Fill(bytes);
            return bytes;
        }
    }

    [Fact]
    public void Dispose_OfSecrets_LeavesZeros()
    {
        var bytes = new SecretBytes(SHA256.HashData("secret"u8));
        var memory = bytes.Memory;
        var key = new SecretKey(memory);

        bytes.Dispose();
        key.Erase();

        Assert.All(memory, value => Assert.Equal(0, value));
        Assert.All(key.Bytes.ToArray(), value => Assert.Equal(0, value));
    }

    private static void StartAgain(SecureSession session)
    {
        session.Server = SecureServer.Import(session.Round, session.Server.Export());
        foreach (var (number, client) in session.Clients)
        {
            session.Clients[number] = SecureClient.Import(session.Round, session.Signers[number], client.Export());
        }
    }
}
