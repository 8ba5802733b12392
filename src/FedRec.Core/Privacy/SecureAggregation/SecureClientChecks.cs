using System.Collections.Immutable;
using System.Security.Cryptography;
using FedRec.Core.Aggregation;

namespace FedRec.Core.Privacy.SecureAggregation;

// What a client looks at before it goes on: everything that a server could use against it.
public sealed partial class SecureClient
{
    private int Threshold => _round.Graph.Threshold;

    private Refusal? CheckRoll(Roll roll)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var previous = -1;
        var isIn = false;
        foreach (var peer in roll.Advertisements)
        {
            var refusal = peer.Number <= previous ? new(RefusalReason.Contradiction, peer.Number, "The server's list of keys is not ascending by number, or has somebody twice.")
                : _holders.BinarySearch(peer.Number) < 0 ? new(RefusalReason.Unknown, peer.Number, $"{peer.Number} is no neighbour of {Number} in this round.")
                : !peer.Session.Span.SequenceEqual(_round.Digest.Span) ? OtherRound(peer.Number)
                : !_round.IsSigned(peer) ? new(RefusalReason.NotSigned, peer.Number, $"The keys of {peer.Number} are not signed with the identity that is pinned for it: somebody has put others in their place.")
                : !(keys.Add(Convert.ToHexString(peer.MaskKey.Span)) & keys.Add(Convert.ToHexString(peer.ChannelKey.Span))) ? new(RefusalReason.WrongKey, peer.Number, $"A key of {peer.Number} is used twice in this round.")
                : default(Refusal);
            if (refusal is not null)
            {
                return refusal;
            }

            previous = peer.Number;
            isIn |= peer.Number == Number;
            if (peer.Number == Number && OwnKeys() is var own
                && !(peer.MaskKey.Span.SequenceEqual(own.MaskKey.Span) && peer.ChannelKey.Span.SequenceEqual(own.ChannelKey.Span) && peer.Commitment.Span.SequenceEqual(own.Commitment.Span)))
            {
                return new(RefusalReason.OwnKeyChanged, Number, $"The keys that the server has of {Number} are not those that it has sent.");
            }
        }

        return !isIn ? new(RefusalReason.OwnKeyChanged, Number, $"The server's list of keys leaves {Number} out.") : TooFew(roll.Advertisements.Length, Threshold, "have advertised keys");
    }

    private Refusal? CheckOwn(FixedPointSum own) =>
        own.Values.Length != _round.Vector.Length || own.Scale.Bits != _round.Vector.Scale.Bits || own.Clients != 1
            ? new(RefusalReason.WrongShape, Number, $"A sum of {own.Clients} clients, {own.Values.Length} values and {own.Scale.Bits} bits is no update of one client with {_round.Vector.Length} values and {_round.Vector.Scale.Bits} bits.")
            : !((IPartial)own).IsOfOne(_round.Vector.Scale, _round.Vector.MostWeight)
                ? new(RefusalReason.TooLarge, Number, $"The update is larger than one client may add (weight at most {_round.Vector.MostWeight}, values times weight at most {_round.Vector.Scale.Limit}): clip it, or weigh it less.")
                : null;

    private Refusal? CheckDelivery(ShareDelivery delivery)
    {
        var sharers = delivery.Sharers;
        var stranger = NeighboursIn(sharers).Select(number => (int?)number).FirstOrDefault(number => !_peers.ContainsKey(number!.Value));
        var previous = -1;
        foreach (var (dealer, share) in delivery.Shares)
        {
            if (dealer <= previous || dealer == Number || share.To != Number || !_peers.ContainsKey(dealer) || sharers.BinarySearch(dealer) < 0)
            {
                return new(RefusalReason.Contradiction, dealer, $"A share of {dealer} was delivered to {Number} that is not for it, or not of one who has dealt.");
            }

            previous = dealer;
        }

        return !AreAscending(sharers, _round.Numbers) ? new(RefusalReason.Unknown, null, "The list of those who have dealt shares is not ascending, or has somebody who does not take part.")
            : sharers.BinarySearch(Number) < 0 ? new(RefusalReason.Contradiction, Number, $"The list of those who have dealt shares leaves {Number} out.")
            : stranger is not null ? new(RefusalReason.Contradiction, stranger, $"{stranger} is said to have dealt shares, and has advertised no keys.")
            : TooFew(sharers.Length, _round.Graph.Quorum, "have dealt shares");
    }

    private Refusal? CheckSurvivors(ImmutableArray<int> survivors) =>
        !AreAscending(survivors, _sharers) ? new(RefusalReason.Contradiction, null, "The list of survivors is not ascending, or has somebody who has dealt no shares.")
        : survivors.BinarySearch(Number) < 0 ? new(RefusalReason.Contradiction, Number, $"The list of survivors leaves {Number} out, which has sent its vector.")
        : TooFew(survivors.Length, Math.Max(Fewest, _round.Graph.Quorum), "have sent their vectors") ?? TooFew(NeighboursIn(survivors).Count() + 1, Threshold, "of its neighbours have sent their vectors");

    private Refusal? CheckConsents(ConsentList consents)
    {
        var hash = SHA256.HashData(new Survivors(_survivors).Encode());
        var previous = -1;
        foreach (var consent in consents.Consents)
        {
            var refusal = consent.Number <= previous || _holders.BinarySearch(consent.Number) < 0 || _survivors.BinarySearch(consent.Number) < 0
                ? new(RefusalReason.Unknown, consent.Number, $"{consent.Number} signs twice, or is no surviving neighbour of {Number}.")
                : !consent.SurvivorsHash.Span.SequenceEqual(hash) ? new(RefusalReason.Contradiction, consent.Number, $"{consent.Number} was told of other survivors than {Number}: nothing is unmasked.")
                : !_round.IsSigned(consent) ? new(RefusalReason.NotSigned, consent.Number, $"The consent of {consent.Number} is not signed with the identity that is pinned for it.")
                : default(Refusal);
            if (refusal is not null)
            {
                return refusal;
            }

            previous = consent.Number;
        }

        return TooFew(consents.Consents.Length, Threshold, "have signed the list of survivors");
    }

    private static Refusal OtherRound(int number) => new(
        RefusalReason.OtherRound, number, $"{number} works on another round, roster, model, catalogue, features, configuration or vector: compare the hashes with those that others were told.");

    private static Refusal? TooFew(int count, int least, string what) => count >= least ? null : new(RefusalReason.TooFew, null, $"Only {count} {what}, where {least} are needed.");

    internal static bool AreAscending(ImmutableArray<int> numbers, ImmutableArray<int> all)
    {
        for (var i = 0; i < numbers.Length; i++)
        {
            if ((i > 0 && numbers[i] <= numbers[i - 1]) || all.BinarySearch(numbers[i]) < 0)
            {
                return false;
            }
        }

        return true;
    }
}
