using System.Collections.Immutable;

namespace FedRec.Core.Privacy.SecureAggregation;

// What a client does with its secrets: deal them, open those of others, mask.
public sealed partial class SecureClient
{
    private Advertisement OwnKeys()
    {
        using var mask = _secrets.OpenMaskKey();
        using var channel = _secrets.OpenChannelKey();
        using var seed = _secrets.OpenSelfMask();
        return new Advertisement(Number, _round.Digest, mask.PublicKey, channel.PublicKey, _round.Commitment(Number, seed.Span), default);
    }

    private int PointOf(int holder) => _holders.BinarySearch(holder) + 1;

    private Refusal NoKey(int number, string which) => new(RefusalReason.WrongKey, number, $"The {which} key of {number} is no key of {_round.Suite.Agreement.Name}.");

    // What a neighbour gets, or what it keeps itself; null when the neighbour's key is none.
    private SealedShare? Seal(Deal deal, IKeyPair channel, Advertisement peer)
    {
        using var share = deal.Share(PointOf(peer.Number));
        if (peer.Number == Number)
        {
            return Tagged(Number, share, default);
        }

        using var key = _secrets.ChannelKey(channel, peer.Number, peer.ChannelKey.Span, sends: true);
        return key is null ? null : Tagged(peer.Number, share, ShareChannel.Seal(key.Span, share.Span, _round.Digest.Span, Number, peer.Number));
    }

    private SealedShare Tagged(int to, SecretBytes share, ReadOnlyMemory<byte> sealedShare) => new(
        to, sealedShare, _round.Tag(Number, to, SecretKind.MaskKey, Deal.Part(share.Span, SecretKind.MaskKey)), _round.Tag(Number, to, SecretKind.SelfMask, Deal.Part(share.Span, SecretKind.SelfMask)));

    // What was dealt to it, but for what cannot be opened or is not what its dealer has promised.
    private SortedDictionary<int, SecretBytes> Open(ShareDelivery delivery)
    {
        var held = new SortedDictionary<int, SecretBytes>();
        using var channel = _secrets.OpenChannelKey();
        foreach (var (dealer, share) in delivery.Shares)
        {
            using var key = _secrets.ChannelKey(channel, dealer, _peers[dealer].ChannelKey.Span, sends: false);
            var opened = new SecretBytes(Deal.Bytes);
            if (key is not null && ShareChannel.TryOpen(key.Span, share.Sealed.Span, _round.Digest.Span, dealer, Number, opened.Span)
                && _round.Tag(dealer, Number, SecretKind.MaskKey, Deal.Part(opened.Span, SecretKind.MaskKey)).AsSpan().SequenceEqual(share.MaskKeyTag.Span)
                && _round.Tag(dealer, Number, SecretKind.SelfMask, Deal.Part(opened.Span, SecretKind.SelfMask)).AsSpan().SequenceEqual(share.SelfMaskTag.Span))
            {
                held[dealer] = opened;
            }
            else
            {
                opened.Dispose();
            }
        }

        return held;
    }

    private Refusal? AddMasks(Span<long> words, ImmutableArray<int> sharers)
    {
        using var seed = _secrets.OpenSelfMask();
        Masks.Add(words, seed.Span, takeAway: false);
        using var pair = _secrets.OpenMaskKey();
        using var agreed = new SecretBytes(IKeyAgreement.SecretBytes);
        foreach (var peer in NeighboursIn(sharers))
        {
            if (!pair.TryAgree(_peers[peer].MaskKey.Span, agreed.Span))
            {
                return NoKey(peer, "mask");
            }

            PairKeys.Mask(agreed.Span, SecureRound.Salt, _round.Digest.Span, Number, peer, seed.Span);
            Masks.AddPair(words, seed.Span, Number, peer);
        }

        return null;
    }
}

/// <summary>Public keys of a neighbour.</summary>
internal readonly record struct PeerKeys(ReadOnlyMemory<byte> MaskKey, ReadOnlyMemory<byte> ChannelKey);
