using System.Collections.Immutable;
using FedRec.Core.Privacy.SecureAggregation;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>A server that does not keep to the protocol learns no client's vector.</summary>
public sealed class DishonestServerTests
{
    // Defect: whoever unmasked did not look whether a client was both among the living and the dead, and a server asked for both secrets of one.
    [Fact]
    public void Unmask_OfTwoListsThatDifferInOneVictim_ShowsSharesOfOneSecretOnly()
    {
        using var session = new SecureSession(10).UpTo(ServerPhase.Consenting);
        var all = session.Server.Survivors.Numbers;
        var victim = all[3];
        var without = all.Remove(victim);
        var (told, other) = (all[..5].Remove(victim), all[5..]); // one half is told that it is alive, the other that it is dead
        var consents = told.Select(number => Value(session.Clients[number].Consent(new Survivors(all))))
            .Concat(other.Select(number => Value(session.Clients[number].Consent(new Survivors(without))))).ToArray();

        Assert.All(told.Concat(other), number =>
        {
            Assert.Equal(RefusalReason.Contradiction, session.Clients[number].Unmask(new ConsentList([.. consents])).Refusal!.Reason);
            var alike = consents.Where(consent => told.Contains(consent.Number) == told.Contains(number));
            Assert.Equal(RefusalReason.TooFew, session.Clients[number].Unmask(new ConsentList([.. alike])).Refusal!.Reason);
            Assert.Equal(RefusalReason.OutOfOrder, session.Clients[number].Consent(new Survivors(told.Contains(number) ? without : all)).Refusal!.Reason); // it signs no second list
        });
    }

    [Fact]
    public void Unmask_AskedTwice_ShowsNothingMore()
    {
        using var session = new SecureSession(10).UpTo(ServerPhase.Unmasking);
        var number = session.Round.Numbers[0];
        var consents = session.Server.ConsentsOf(number);
        var shown = Value(session.Clients[number].Unmask(consents));

        Assert.Equal(shown.Shares.Length, shown.Shares.Select(share => share.Of).Distinct().Count());
        Assert.Equal(RefusalReason.OutOfOrder, session.Clients[number].Unmask(consents).Refusal!.Reason);
        Assert.Equal(ClientPhase.Erased, session.Clients[number].Phase);
    }

    [Fact]
    public void Consent_ToListsThatContradictWhatWasToldBefore_IsRefused()
    {
        using var session = new SecureSession(10);
        var silent = session.Round.Numbers[9];
        Assert.Null(session.Advertise(_ => true) ?? session.Share(number => number != silent) ?? session.Mask(_ => true));
        var client = session.Clients[session.Round.Numbers[0]];
        var survivors = session.Server.Survivors.Numbers;

        AssertRefused(RefusalReason.Contradiction, survivors.Add(silent)); // has dealt no shares
        AssertRefused(RefusalReason.Contradiction, survivors.RemoveAt(0)); // itself
        AssertRefused(RefusalReason.Contradiction, survivors.Reverse().ToImmutableArray());
        AssertRefused(RefusalReason.TooFew, survivors[..6]); // the sum of few tells much of each
        AssertRefused(RefusalReason.Contradiction, []);
        Assert.Null(client.Consent(new Survivors(survivors)).Refusal);
        void AssertRefused(RefusalReason reason, ImmutableArray<int> numbers) => Assert.Equal(reason, client.Consent(new Survivors(numbers)).Refusal!.Reason);
    }

    // A client that has added a share of some noise agrees to no sum of fewer shares than make it whole.
    [Fact]
    public void Consent_ToFewerThanAClientsNoiseIsMadeFor_IsRefused()
    {
        using var session = new SecureSession(10);
        var number = session.Round.Numbers[0];
        session.Clients[number].Dispose();
        session.Clients[number] = new SecureClient(session.Round, number, session.Signers[number]) { Fewest = 9 };
        Assert.Null(session.Advertise(_ => true) ?? session.Share(_ => true) ?? session.Mask(_ => true));
        var survivors = session.Server.Survivors.Numbers;
        using var client = SecureClient.Import(session.Round, session.Signers[number], session.Clients[number].Export(), fewest: 9); // such as after a crash

        Assert.True(session.Round.Graph.Quorum < 8);
        Assert.All([client, session.Clients[number]], one => Assert.Equal(RefusalReason.TooFew, one.Consent(new Survivors(survivors[..8])).Refusal!.Reason));
        Assert.Null(client.Consent(new Survivors(survivors[..9])).Refusal);
    }

    // Above 100 clients all neighbours of one are few: they could unmask it, and the sum would be of a few.
    [Fact]
    public void Consent_ToAListOfNeighboursOnly_IsRefused()
    {
        using var session = new SecureSession(101, strength: GraphStrength.OneInTwenty).UpTo(ServerPhase.Consenting);
        var number = session.Round.Numbers[0];
        var neighbours = session.Round.Graph.HoldersOf(number);
        ImmutableArray<int> enough = [.. neighbours.Concat(session.Round.Numbers.Except(neighbours).Take(session.Round.Graph.Quorum - neighbours.Length)).Order()];
        ImmutableArray<int> withoutNeighbours = [.. session.Round.Numbers.Except(neighbours).Append(number).Order()];

        Assert.Equal(RefusalReason.TooFew, session.Clients[number].Consent(new Survivors(neighbours)).Refusal!.Reason);
        Assert.Equal(RefusalReason.TooFew, session.Clients[number].Consent(new Survivors(enough.RemoveAt(enough.IndexOf(number) == 0 ? 1 : 0))).Refusal!.Reason);
        Assert.True(withoutNeighbours.Length >= session.Round.Graph.Quorum);
        Assert.Equal(RefusalReason.TooFew, session.Clients[number].Consent(new Survivors(withoutNeighbours)).Refusal!.Reason);
        Assert.Null(session.Clients[number].Consent(new Survivors(enough)).Refusal);
    }

    [Fact]
    public void Mask_WithListsThatContradictWhatWasToldBefore_IsRefused()
    {
        using var session = new SecureSession(10);
        var silent = session.Round.Numbers[9];
        Assert.Null(session.Advertise(number => number != silent) ?? session.Share(_ => true));
        var number = session.Round.Numbers[0];
        var (sharers, shares) = (session.Server.DeliveryOf(number).Sharers, session.Server.DeliveryOf(number).Shares);

        AssertRefused(RefusalReason.Contradiction, new ShareDelivery(sharers.Add(silent), shares)); // has advertised no keys
        AssertRefused(RefusalReason.Contradiction, new ShareDelivery(sharers.RemoveAt(0), shares));
        AssertRefused(RefusalReason.Contradiction, new ShareDelivery(sharers.RemoveAt(3), shares)); // a share of one who has dealt none
        AssertRefused(RefusalReason.Contradiction, new ShareDelivery(sharers, shares.Add(shares[0])));
        AssertRefused(RefusalReason.Contradiction, new ShareDelivery(sharers, session.Server.DeliveryOf(session.Round.Numbers[1]).Shares)); // somebody else's
        AssertRefused(RefusalReason.TooFew, new ShareDelivery(sharers[..6], shares[..5]));
        AssertRefused(RefusalReason.Unknown, new ShareDelivery(sharers.Add(1_000), shares));
        Assert.Null(session.Clients[number].Mask(new ShareDelivery(sharers, shares), session.UpdateOf(number)).Refusal);
        void AssertRefused(RefusalReason reason, ShareDelivery delivery) => Assert.Equal(reason, session.Clients[number].Mask(delivery, session.UpdateOf(number)).Refusal!.Reason);
    }

    // Model inconsistency (Pasquini et al. 2021) and tampered item features (RAIFLE): what differs for one is seen by all, before anything is sent that a vector follows from.
    [Fact]
    public void Share_WithOneClientThatWasToldSomethingElse_IsRefusedByBothSides()
    {
        var differences = new (string What, Func<SecureSession, SecureRound> Round)[]
        {
            ("round", session => session.RoundOf(SecureSession.Binding with { Round = "run-7/round-4/1" })), ("model", session => session.RoundOf(SecureSession.Binding with { ModelHash = "other" })),
            ("catalogue", session => session.RoundOf(SecureSession.Binding with { CatalogueHash = "other" })), ("features", session => session.RoundOf(SecureSession.Binding with { FeaturesHash = "other" })),
            ("configuration", session => session.RoundOf(SecureSession.Binding with { ConfigurationHash = "other" })), ("vector", session => session.RoundOf(SecureSession.Binding, length: 6)),
        };

        Assert.All(differences, difference =>
        {
            using var session = new SecureSession(4, isQuick: false);
            var victim = session.Round.Numbers[2];
            using var misled = new SecureClient(difference.Round(session), victim, session.Signers[victim]);
            var keys = session.Round.Numbers.Select(number => Value((number == victim ? misled : session.Clients[number]).Advertise())).ToImmutableArray();

            Assert.Equal((RefusalReason.OtherRound, (int?)victim), Of(session.Server.Accept(keys[2])));
            Assert.Equal((RefusalReason.OtherRound, (int?)victim), Of(session.Clients[session.Round.Numbers[0]].Share(new Roll(keys)).Refusal));
            Assert.Equal(RefusalReason.OtherRound, misled.Share(new Roll(keys)).Refusal!.Reason);
            var relabelled = keys.SetItem(2, keys[2] with { Session = session.Round.Digest }); // a server that covers it up
            Assert.Equal((RefusalReason.NotSigned, (int?)victim), Of(session.Clients[session.Round.Numbers[0]].Share(new Roll(relabelled)).Refusal));
        });
    }

    [Fact]
    public void Messages_OfAnEarlierRound_AreRefusedInTheNext()
    {
        using var session = new SecureSession(4, isQuick: false);
        var earlier = session.Round.Numbers.Select(number => Value(session.Clients[number].Advertise())).ToImmutableArray();
        var next = session.RoundOf(SecureSession.Binding with { Round = "run-7/round-3/2" });
        using var client = new SecureClient(next, session.Round.Numbers[0], session.Signers[session.Round.Numbers[0]]);
        Assert.Null(client.Advertise().Refusal);

        Assert.All(earlier, keys => Assert.Equal(RefusalReason.OtherRound, new SecureServer(next).Accept(keys)!.Reason));
        Assert.Equal(RefusalReason.OtherRound, client.Share(new Roll(earlier)).Refusal!.Reason);
        Assert.All(earlier, keys => Assert.Equal(RefusalReason.NotSigned, new SecureServer(next).Accept(keys with { Session = next.Digest })!.Reason));
    }

    // Masks that do not cancel leave noise, which no sum of so many clients is: it is flagged, and not used.
    [Fact]
    public void Finish_WithAVectorThatIsNotTheOneThatWasSent_IsNoiseAndGivenUp()
    {
        using var session = new SecureSession(4, length: 100);
        Assert.Null(session.Advertise(_ => true) ?? session.Share(_ => true));
        var other = session.Round.Numbers[1];
        var inputs = session.Round.Numbers.Select(number => Value(session.Clients[number].Mask(session.Server.DeliveryOf(number), session.UpdateOf(number)))).ToArray();
        Assert.All(inputs, input => Assert.Null(session.Server.Accept(input.Receipt)));
        Assert.All(inputs, input => Assert.True(session.Sum.TryAdd(input.Receipt.Number, inputs[input.Receipt.Number == other ? 2 : Array.IndexOf(inputs, input)].Words.Span)));
        Assert.False(SecureServer.IsOf(session.Round, inputs[1] with { Words = inputs[2].Words })); // whoever adds up and looks does not let it in
        Assert.Null(session.Server.EndCollecting(session.Sum.Clients));
        Assert.Null(session.Consent(_ => true));

        var refusal = session.Finish(_ => true).Refusal!;

        Assert.Equal(RefusalReason.TooLarge, refusal.Reason);
        Assert.Equal(ServerPhase.Abandoned, session.Server.Phase);
    }

    [Fact]
    public void Accept_OfTheSameMessageAgain_ChangesNothingAndOfAnotherIsRefused()
    {
        using var session = new SecureSession(4);
        var number = session.Round.Numbers[0];
        var keys = Value(session.Clients[number].Advertise());
        using var again = new SecureClient(session.Round, number, session.Signers[number]);
        Assert.Null(session.Server.Accept(keys));
        var state = session.Server.Export();

        Assert.Null(session.Server.Accept(keys));
        Assert.Equal(RefusalReason.Repeated, session.Server.Accept(Value(again.Advertise()))!.Reason);
        Assert.Equal(state, session.Server.Export());
        Assert.Null(session.Advertise(other => other != number));
        Assert.Null(session.Server.Accept(keys)); // whoever did not hear the answer asks again, later too
        Assert.Equal(RefusalReason.OutOfOrder, session.Server.EndAdvertising()!.Reason);
    }

    [Fact]
    public void Accept_OfAKeyThatIsNoneOrSomebodyElses_IsRefused()
    {
        using var session = new SecureSession(4, isQuick: false);
        var (first, second) = (session.Round.Numbers[0], session.Round.Numbers[1]);
        var keys = Value(session.Clients[first].Advertise());
        Assert.Null(session.Server.Accept(keys));
        var others = Value(session.Clients[second].Advertise());

        Assert.All(
            [others with { MaskKey = keys.MaskKey }, others with { ChannelKey = keys.MaskKey }, others with { ChannelKey = others.MaskKey }, others with { MaskKey = new byte[65] }, others with { ChannelKey = Array.Empty<byte>() }],
            changed => Assert.Equal((RefusalReason.WrongKey, (int?)second), Of(session.Server.Accept(Signed(session, changed)))));
        Assert.Null(session.Server.Accept(Signed(session, others)));
    }

    [Fact]
    public void EndCollecting_WithAVectorInTheSumWhoseReceiptWasNotTaken_IsTheCallersMistake()
    {
        using var session = new SecureSession(4).UpTo(ServerPhase.Collecting);

        Assert.Throws<ArgumentException>(() => session.Server.EndCollecting([session.Round.Numbers[0]]));
        Assert.Throws<ArgumentException>(() => session.Server.ConsentsOf(session.Round.Numbers[0]));
        Assert.Throws<ArgumentException>(() => session.Server.RollOf(1_000));
        Assert.Equal(ServerPhase.Collecting, session.Server.Phase);
    }

    internal static Advertisement Signed(SecureSession session, Advertisement message) =>
        message with { Signature = session.Signers[message.Number].Sign(session.Round.Statement(((ISigned)message).Unsigned())) };

    private static (RefusalReason, int?) Of(Refusal? refusal) => (refusal!.Reason, refusal.Number);

    private static T Value<T>(Outcome<T> outcome)
        where T : class => SecureSession.Value(outcome);
}
