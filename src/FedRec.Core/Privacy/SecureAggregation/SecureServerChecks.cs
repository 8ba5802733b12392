using System.Collections.Immutable;
using System.Security.Cryptography;

namespace FedRec.Core.Privacy.SecureAggregation;

// What a server looks at in each message, and who can still be unmasked.
public sealed partial class SecureServer
{
    private Refusal? Check(Advertisement message) =>
        !message.Session.Span.SequenceEqual(_round.Digest.Span)
            ? new(RefusalReason.OtherRound, message.Number, $"{message.Number} works on another round, roster, model, catalogue, features, configuration or vector than the server.")
        : !_round.Suite.Agreement.IsPublicKey(message.MaskKey.Span) || !_round.Suite.Agreement.IsPublicKey(message.ChannelKey.Span)
            ? new(RefusalReason.WrongKey, message.Number, $"The keys of {message.Number} are no keys of {_round.Suite.Agreement.Name}.")
        : message.MaskKey.Span.SequenceEqual(message.ChannelKey.Span) || _advertised.Values.Any(other => Has(other, message.MaskKey) || Has(other, message.ChannelKey))
            ? new(RefusalReason.WrongKey, message.Number, $"A key of {message.Number} is used already.")
        : null;

    private Refusal? Check(SealedShares message)
    {
        var expected = In(_advertisers, _round.Graph.HoldersOf(message.Number));
        return !message.Shares.Select(share => share.To).SequenceEqual(expected)
            || message.Shares.Any(share => share.Sealed.Length != (share.To == message.Number ? 0 : Deal.Bytes + ShareChannel.Overhead))
            ? new(RefusalReason.WrongShape, message.Number, $"The shares of {message.Number} are not one for each neighbour that has advertised and one for itself, or not of their length.")
            : null;
    }

    private Refusal? Check(InputReceipt message) =>
        message.Unopened.Any(dealer => dealer == message.Number) || !SecureClient.AreAscending(message.Unopened, [.. In(_sharers, _round.Graph.HoldersOf(message.Number))])
            ? new(RefusalReason.Contradiction, message.Number, $"{message.Number} names shares that it was not dealt.")
            : null;

    private Refusal? Check(Consent message) =>
        !message.SurvivorsHash.Span.SequenceEqual(SHA256.HashData(Survivors.Encode()))
            ? new(RefusalReason.Contradiction, message.Number, $"{message.Number} has signed another list of survivors.")
            : null;

    private Refusal? Check(UnmaskShares message)
    {
        var expected = In(_sharers, _round.Graph.HoldersOf(message.Number)).Where(dealer => !HasNotOpened(message.Number, dealer));
        return !message.Shares.Select(share => (share.Of, share.Kind)).SequenceEqual(expected.Select(dealer => (dealer, KindOf(dealer))))
            ? new(RefusalReason.WrongShape, message.Number, $"{message.Number} does not show exactly one share of each neighbour, of its own mask where its vector is in the sum and of its mask key where not.")
            : null;
    }

    private static bool Has(Advertisement other, ReadOnlyMemory<byte> key) => other.MaskKey.Span.SequenceEqual(key.Span) || other.ChannelKey.Span.SequenceEqual(key.Span);

    private SecretKind KindOf(int dealer) => _survivors.BinarySearch(dealer) >= 0 ? SecretKind.SelfMask : SecretKind.MaskKey;

    private SealedShare? ShareOf(int dealer, int holder) => _dealt[dealer].Shares.FirstOrDefault(share => share.To == holder);

    private bool HasNotOpened(int holder, int dealer) => _received[holder].Unopened.BinarySearch(dealer) >= 0;

    // Those of some who can be unmasked as long as all of them stay: above 100 clients somebody may be left with too few neighbours, and others then without them.
    private ImmutableArray<int> Reachable(IEnumerable<int> some)
    {
        ImmutableArray<int> all = [.. some];
        while (true)
        {
            ImmutableArray<int> kept = [.. all.Where(number => In(all, _round.Graph.HoldersOf(number)).Count() >= _round.Graph.Threshold)];
            if (kept.Length == all.Length)
            {
                return kept;
            }

            all = kept;
        }
    }

    // The first whose masks cannot be taken out when shares come from no others than these.
    private Refusal? FirstLost(ImmutableArray<int> holders)
    {
        foreach (var dealer in _sharers)
        {
            var count = In(holders, _round.Graph.HoldersOf(dealer)).Count(holder => !HasNotOpened(holder, dealer) && !_wrong.Contains((holder, dealer)));
            if (count < _round.Graph.Threshold)
            {
                return new(RefusalReason.TooFew, dealer, $"Only {count} clients that are still there hold a right share of {dealer}, where {_round.Graph.Threshold} are needed.");
            }
        }

        return null;
    }
}
