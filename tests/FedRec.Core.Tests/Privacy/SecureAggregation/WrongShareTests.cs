using System.Collections.Immutable;
using FedRec.Core.Privacy.SecureAggregation;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>Holders who show wrong shares, and dealers who deal them.</summary>
public sealed class WrongShareTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)] // 10 − threshold
    public void Finish_WithAsManyWrongHoldersAsCanBeSpared_IsRightAndNamesThem(int wrong)
    {
        using var session = new SecureSession(10, isQuick: false).UpTo(ServerPhase.Unmasking);
        var liars = session.Round.Numbers[..wrong];
        Show(session, liars);

        DropoutTests.AssertIsSumOf(session, SecureSession.Value(session.Server.Finish(session.Sum)), session.Round.Numbers);
        Assert.Equal(liars.Select(number => new Finding(number, FindingKind.WrongShareShown, null)), session.Server.Findings);
    }

    [Fact]
    public void Finish_WithMoreWrongHolders_IsGivenUpAndNamesThem()
    {
        using var session = new SecureSession(10).UpTo(ServerPhase.Unmasking);
        var liars = session.Round.Numbers[..4];
        Show(session, liars);

        Assert.False(session.Server.CanFinish);
        Assert.Equal(RefusalReason.TooFew, session.Server.Finish(session.Sum).Refusal!.Reason);
        Assert.Equal(liars, session.Server.Findings.Select(finding => finding.Number));
    }

    // What is counted as shown is right, so that nobody ends a round too early.
    [Fact]
    public void CanFinish_WithWrongSharesAmongTheFirst_WaitsForMore()
    {
        using var session = new SecureSession(10).UpTo(ServerPhase.Unmasking);
        var numbers = session.Round.Numbers;
        var messages = numbers.Select(number => SecureSession.Value(session.Clients[number].Unmask(session.Server.ConsentsOf(number)))).ToArray();
        messages[0] = Wrong(session, messages[0]);

        for (var shown = 0; shown < 8; shown++)
        {
            Assert.False(session.Server.CanFinish);
            Assert.Null(session.Server.Accept(messages[shown]));
        }

        Assert.True(session.Server.CanFinish);
        Assert.True(SecureServer.Import(session.Round, session.Server.Export()).CanFinish);
        DropoutTests.AssertIsSumOf(session, SecureSession.Value(session.Server.Finish(session.Sum)), numbers);
    }

    [Fact]
    public void Accept_OfSharesOfBothSecretsOrOfTooFew_IsRefused()
    {
        using var session = new SecureSession(10).UpTo(ServerPhase.Unmasking);
        var number = session.Round.Numbers[0];
        var message = SecureSession.Value(session.Clients[number].Unmask(session.Server.ConsentsOf(number)));

        Assert.All(
            new[] { message.Shares.RemoveAt(2), message.Shares.SetItem(2, message.Shares[2] with { Kind = SecretKind.MaskKey }), message.Shares.Add(message.Shares[2] with { Kind = SecretKind.MaskKey }) },
            shares => Assert.Equal(RefusalReason.WrongShape, session.Server.Accept(Signed(session, message with { Shares = shares }))!.Reason));
    }

    // A dealer whose shares are as it has signed, but of something else than it has advertised.
    [Fact]
    public void Finish_WithADealerThatHasAdvertisedSomethingElse_IsGivenUpByItsName()
    {
        using var session = new SecureSession(10);
        var dealer = session.Round.Numbers[4];
        Assert.Null(Dealt(session, dealer, advertised => advertised with { Commitment = new byte[32] }));
        Assert.Null(session.Mask(_ => true) ?? session.Consent(_ => true));

        var refusal = session.Finish(_ => true).Refusal!;

        Assert.Equal((RefusalReason.Unrecoverable, (int?)dealer), (refusal.Reason, refusal.Number));
        Assert.Equal([new Finding(dealer, FindingKind.WronglyDealt, null)], session.Server.Findings.AsEnumerable());
        Assert.Equal(ServerPhase.Abandoned, session.Server.Phase);
    }

    [Fact]
    public void Finish_WithADealerThatHasAdvertisedAnotherMaskKeyAndGoneAway_IsGivenUpByItsName()
    {
        using var session = new SecureSession(10);
        using var other = new SecureClient(session.Round, session.Round.Numbers[4], session.Signers[session.Round.Numbers[4]]);
        var dealer = other.Number;
        Assert.Null(Dealt(session, dealer, advertised => advertised with { MaskKey = SecureSession.Value(other.Advertise()).MaskKey }));
        Assert.Null(session.Mask(number => number != dealer) ?? session.Consent(_ => true));

        var refusal = session.Finish(_ => true).Refusal!;

        Assert.Equal((RefusalReason.Unrecoverable, (int?)dealer), (refusal.Reason, refusal.Number));
    }

    // One wrong share that its dealer stands by, in the middle of the right ones: others give the secret back.
    [Fact]
    public void Finish_WithADealerThatDealtOneShareWrong_IsRightAndNamesIt()
    {
        using var session = new SecureSession(10);
        var (dealer, holder) = (session.Round.Numbers[7], session.Round.Numbers[4]);
        Assert.Null(session.Advertise(_ => true));
        foreach (var number in session.Round.Numbers)
        {
            var shares = SecureSession.Value(session.Clients[number].Share(session.Server.RollOf(number)));
            if (number == dealer)
            {
                var tag = session.Round.Tag(dealer, holder, SecretKind.SelfMask, new byte[32]);
                shares = Signed(session, shares with { Shares = shares.Shares.SetItem(4, shares.Shares[4] with { SelfMaskTag = tag }) });
            }

            Assert.Null(session.Server.Accept(shares));
        }

        Assert.Null(session.Server.EndSharing());
        foreach (var number in session.Round.Numbers)
        {
            var delivery = session.Server.DeliveryOf(number);
            session.Receive(SecureSession.Value(session.Clients[number].Mask(delivery, session.UpdateOf(number))) is var input && number == holder // it plays along, and says nothing
                ? input with { Receipt = Signed(session, input.Receipt with { Unopened = [] }) } : input);
        }

        Assert.Null(session.Server.EndCollecting(session.Sum.Clients) ?? session.Consent(_ => true));
        foreach (var number in session.Round.Numbers)
        {
            var shown = SecureSession.Value(session.Clients[number].Unmask(session.Server.ConsentsOf(number)));
            if (number == holder)
            {
                var shares = shown.Shares.Where(share => share.Of != dealer).Append(new ShownShare(dealer, SecretKind.SelfMask, new byte[32])).OrderBy(share => share.Of);
                shown = Signed(session, shown with { Shares = [.. shares] });
            }

            Assert.Null(session.Server.Accept(shown));
        }

        DropoutTests.AssertIsSumOf(session, SecureSession.Value(session.Server.Finish(session.Sum)), session.Round.Numbers);
        Assert.Equal([new Finding(dealer, FindingKind.WronglyDealt, null)], session.Server.Findings.AsEnumerable());
    }

    // Keys, with those of one client changed, and the shares that go with its true ones.
    private static Refusal? Dealt(SecureSession session, int dealer, Func<Advertisement, Advertisement> change)
    {
        var keys = session.Round.Numbers.ToDictionary(number => number, number => SecureSession.Value(session.Clients[number].Advertise()));
        foreach (var (number, advertised) in keys)
        {
            Assert.Null(session.Server.Accept(number == dealer ? DishonestServerTests.Signed(session, change(advertised)) : advertised));
        }

        Assert.Null(session.Server.EndAdvertising());
        foreach (var number in session.Round.Numbers)
        {
            var roll = session.Server.RollOf(number);
            roll = number == dealer ? new Roll([.. roll.Advertisements.Select(one => one.Number == dealer ? keys[dealer] : one)]) : roll;
            Assert.Null(session.Server.Accept(SecureSession.Value(session.Clients[number].Share(roll))));
        }

        return session.Server.EndSharing();
    }

    private static void Show(SecureSession session, ImmutableArray<int> liars)
    {
        foreach (var number in session.Round.Numbers)
        {
            var message = SecureSession.Value(session.Clients[number].Unmask(session.Server.ConsentsOf(number)));
            Assert.Null(session.Server.Accept(liars.Contains(number) ? Wrong(session, message) : message));
        }
    }

    private static UnmaskShares Wrong(SecureSession session, UnmaskShares message)
    {
        var share = message.Shares[5].Share.ToArray();
        share[7] ^= 1;
        return Signed(session, message with { Shares = message.Shares.SetItem(5, message.Shares[5] with { Share = share }) });
    }

    private static UnmaskShares Signed(SecureSession session, UnmaskShares message) => message with { Signature = Sign(session, message) };

    private static SealedShares Signed(SecureSession session, SealedShares message) => message with { Signature = Sign(session, message) };

    private static InputReceipt Signed(SecureSession session, InputReceipt message) => message with { Signature = Sign(session, message) };

    private static byte[] Sign(SecureSession session, ISigned message) => session.Signers[message.Number].Sign(session.Round.Statement(message.Unsigned()));
}
