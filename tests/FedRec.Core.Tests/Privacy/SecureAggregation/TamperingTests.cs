using FedRec.Core.Privacy.SecureAggregation;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>Somebody changes what is sent, on the way or at the server: it is seen, named, and gives nobody anything. With real keys and signatures.</summary>
public sealed class TamperingTests : IDisposable
{
    private readonly SecureSession _session = new(5, isQuick: false);

    private int First => _session.Round.Numbers[0];

    private int Second => _session.Round.Numbers[1];

    [Fact]
    public void Accept_WithAnyBitOfAClientsMessageFlipped_IsRefused()
    {
        var keys = SecureSession.Value(_session.Clients[First].Advertise());
        AssertEveryFlipIsRefused(keys.Encode(), bytes => _session.Server.Accept(Advertisement.Decode(bytes)));
        Assert.Null(_session.Server.Accept(keys));
        Assert.Null(_session.Advertise(number => number != First));

        var shares = SecureSession.Value(_session.Clients[First].Share(_session.Server.RollOf(First)));
        AssertEveryFlipIsRefused(shares.Encode(), bytes => _session.Server.Accept(SealedShares.Decode(bytes)));
        Assert.Null(_session.Server.Accept(shares));
        Assert.Null(_session.Share(number => number != First));

        var input = SecureSession.Value(_session.Clients[First].Mask(_session.Server.DeliveryOf(First), _session.UpdateOf(First)));
        AssertEveryFlipIsRefused(input.Receipt.Encode(), bytes => _session.Server.Accept(InputReceipt.Decode(bytes)));
        AssertEveryFlipIsRefused(input.Encode(), bytes => SecureServer.IsOf(_session.Round, MaskedInput.Decode(bytes)) ? null : new(RefusalReason.NotSigned, First, ""));
        _session.Receive(input);
        Assert.Null(_session.Mask(number => number != First));

        var consent = SecureSession.Value(_session.Clients[First].Consent(_session.Server.Survivors));
        AssertEveryFlipIsRefused(consent.Encode(), bytes => _session.Server.Accept(Consent.Decode(bytes)));
        Assert.Null(_session.Server.Accept(consent));
        Assert.Null(_session.Consent(number => number != First));

        var shown = SecureSession.Value(_session.Clients[First].Unmask(_session.Server.ConsentsOf(First)));
        AssertEveryFlipIsRefused(shown.Encode(), bytes => _session.Server.Accept(UnmaskShares.Decode(bytes)));
        Assert.Null(_session.Server.Accept(shown));
        _session.Unmask(number => number != First);
        DropoutTests.AssertIsSumOf(_session, SecureSession.Value(_session.Server.Finish(_session.Sum)), _session.Round.Numbers);
    }

    // Defect: public keys were not signed, so that a server put its own in their place and read everything.
    [Fact]
    public void Share_WithAnyBitOfTheKeysFlipped_IsRefusedAndDealsNothing()
    {
        _session.UpTo(ServerPhase.Sharing);
        var client = _session.Clients[First];

        AssertEveryFlipIsRefused(_session.Server.RollOf(First).Encode(), bytes => client.Share(Roll.Decode(bytes)).Refusal);

        Assert.Equal(ClientPhase.Advertised, client.Phase);
        Assert.Null(client.Share(_session.Server.RollOf(First)).Refusal); // what was wrong before may be right now
    }

    [Fact]
    public void Share_WithKeysThatTheServerHasMade_IsRefusedByName()
    {
        _session.UpTo(ServerPhase.Sharing);
        using var server = new SecureClient(_session.Round, Second, _session.Signers[Second]); // all that a server can do without the party's key is to sign with another one
        var forged = SecureSession.Value(server.Advertise()) with { Signature = _session.Signers[First].Sign([1]) };
        var roll = _session.Server.RollOf(First);

        var refusal = _session.Clients[First].Share(new Roll(roll.Advertisements.SetItem(1, forged))).Refusal!;

        Assert.Equal((RefusalReason.NotSigned, (int?)Second), (refusal.Reason, refusal.Number));
    }

    [Fact]
    public void Share_WithoutItsOwnKeysOrWithOlderOnesOrWithStrangers_IsRefused()
    {
        _session.UpTo(ServerPhase.Sharing);
        var roll = _session.Server.RollOf(First).Advertisements;
        using var again = new SecureClient(_session.Round, First, _session.Signers[First]);

        AssertRefused(RefusalReason.OwnKeyChanged, First, roll.RemoveAt(0));
        AssertRefused(RefusalReason.OwnKeyChanged, First, roll.SetItem(0, SecureSession.Value(again.Advertise())));
        AssertRefused(RefusalReason.TooFew, null, roll[..3]);
        AssertRefused(RefusalReason.Contradiction, Second, roll.Insert(1, roll[1]));
        AssertRefused(RefusalReason.Unknown, 1_000, roll.Add(roll[1] with { Number = 1_000 }));
        void AssertRefused(RefusalReason reason, int? number, IEnumerable<Advertisement> changed)
        {
            var refusal = _session.Clients[First].Share(new Roll([.. changed])).Refusal!;
            Assert.Equal((reason, number), (refusal.Reason, refusal.Number));
        }
    }

    [Fact]
    public void Mask_WithAnyBitOfADealtShareFlipped_NamesItsDealerAndTheRoundGoesOn()
    {
        _session.UpTo(ServerPhase.Collecting);
        var delivery = _session.Server.DeliveryOf(First);
        var share = delivery.Shares[0]; // of the second client
        var input = default(MaskedInput);

        foreach (var changed in new[]
        {
            share.Share with { Sealed = Flipped(share.Share.Sealed, 200) }, share.Share with { MaskKeyTag = Flipped(share.Share.MaskKeyTag, 3) },
            share.Share with { SelfMaskTag = Flipped(share.Share.SelfMaskTag, 3) }, share.Share with { Sealed = delivery.Shares[1].Share.Sealed },
        })
        {
            using var client = SecureClient.Import(_session.Round, _session.Signers[First], _session.Clients[First].Export());
            input = SecureSession.Value(client.Mask(new ShareDelivery(delivery.Sharers, delivery.Shares.SetItem(0, share with { Share = changed })), _session.UpdateOf(First)));
            Assert.Equal([Second], input.Receipt.Unopened.AsEnumerable());
        }

        using var left = SecureClient.Import(_session.Round, _session.Signers[First], _session.Clients[First].Export());
        Assert.Equal([Second], SecureSession.Value(left.Mask(new ShareDelivery(delivery.Sharers, delivery.Shares[1..]), _session.UpdateOf(First))).Receipt.Unopened.AsEnumerable());
        _session.Clients[First] = left;
        _session.Receive(input!);
        Assert.Null(_session.Mask(number => number != First));
        Assert.Null(_session.Consent(_ => true));
        var sum = SecureSession.Value(_session.Finish(_ => true));

        DropoutTests.AssertIsSumOf(_session, sum, _session.Round.Numbers);
        Assert.Equal([new Finding(Second, FindingKind.ShareNotOpened, First)], _session.Server.Findings.AsEnumerable());
        Assert.Equal(4, _session.Shown.Single(shown => shown.Number == First).Shares.Length); // of the second it has none to show
    }

    [Fact]
    public void EndCollecting_WithADealerWhoseSharesTooFewCanOpen_IsGivenUpByItsName()
    {
        _session.UpTo(ServerPhase.Collecting);
        foreach (var number in _session.Round.Numbers)
        {
            var delivery = _session.Server.DeliveryOf(number);
            var spoilt = delivery.Shares.Select(dealt => dealt.From == Second && number != Second ? dealt with { Share = dealt.Share with { Sealed = Flipped(dealt.Share.Sealed, 9) } } : dealt);
            _session.Receive(SecureSession.Value(_session.Clients[number].Mask(new ShareDelivery(delivery.Sharers, [.. spoilt]), _session.UpdateOf(number))));
        }

        var refusal = _session.Server.EndCollecting(_session.Sum.Clients)!;

        Assert.Equal((RefusalReason.TooFew, (int?)Second), (refusal.Reason, refusal.Number));
        Assert.Equal(4, _session.Server.Findings.Count(finding => finding.Number == Second));
    }

    [Fact]
    public void Mask_WithTooFewSharesThatOpen_IsRefusedAndSendsNothing()
    {
        _session.UpTo(ServerPhase.Collecting);
        var delivery = _session.Server.DeliveryOf(First);

        var refusal = _session.Clients[First].Mask(new ShareDelivery(delivery.Sharers, delivery.Shares[..2]), _session.UpdateOf(First)).Refusal!;

        Assert.Equal(RefusalReason.TooFew, refusal.Reason);
        Assert.Equal(ClientPhase.Shared, _session.Clients[First].Phase);
    }

    [Fact]
    public void Consent_ToAListWithAnyBitFlippedOrAnotherOne_UnmasksNothing()
    {
        _session.UpTo(ServerPhase.Consenting);
        var survivors = _session.Server.Survivors;

        AssertEveryFlipIsRefused(survivors.Encode(), bytes => _session.Clients[First].Consent(Survivors.Decode(bytes)).Refusal);
        Assert.Equal(ClientPhase.Masked, _session.Clients[First].Phase);
        var other = SecureSession.Value(_session.Clients[First].Consent(new Survivors(survivors.Numbers[..4]))); // as good a list, but not that of the others
        Assert.Equal(RefusalReason.Contradiction, _session.Server.Accept(other)!.Reason);
        var others = _session.Round.Numbers[1..].Select(number => SecureSession.Value(_session.Clients[number].Consent(survivors)));
        Assert.Equal(RefusalReason.Contradiction, _session.Clients[First].Unmask(new ConsentList([other, .. others])).Refusal!.Reason);
    }

    [Fact]
    public void Unmask_WithAnyBitOfAConsentFlippedOrTooFew_IsRefusedAndShowsNothing()
    {
        _session.UpTo(ServerPhase.Unmasking);
        var client = _session.Clients[First];
        var consents = _session.Server.ConsentsOf(First);

        AssertEveryFlipIsRefused(consents.Encode(), bytes => client.Unmask(ConsentList.Decode(bytes)).Refusal);
        Assert.Equal(RefusalReason.TooFew, client.Unmask(new ConsentList(consents.Consents[..3])).Refusal!.Reason);
        Assert.Equal(RefusalReason.Unknown, client.Unmask(new ConsentList([.. Enumerable.Repeat(consents.Consents[1], 5)])).Refusal!.Reason);

        Assert.Equal(ClientPhase.Consented, client.Phase);
        Assert.Null(client.Unmask(consents).Refusal);
    }

    public void Dispose() => _session.Dispose();

    // Of long messages every eleventh bit, which comes to every place of a byte.
    private static void AssertEveryFlipIsRefused(byte[] message, Func<byte[], Refusal?> take)
    {
        var refused = 0;
        for (var bit = 0; bit < 8 * message.Length; bit += message.Length < 150 ? 1 : 11)
        {
            try
            {
                var refusal = take(Flipped(message, bit));
                Assert.True(refusal is not null, $"Bit {bit} of {8 * message.Length} was flipped, and the message was taken.");
                refused++;
            }
            catch (InvalidDataException)
            {
                // says that it cannot be read: as good
            }
        }

        Assert.True(refused > message.Length / 3, $"Only {refused} flips were looked at after the message was read.");
    }

    private static byte[] Flipped(ReadOnlyMemory<byte> bytes, int bit)
    {
        var flipped = bytes.ToArray();
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
