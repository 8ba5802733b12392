using System.Runtime.InteropServices;
using FedRec.Core.Aggregation;
using FedRec.Core.Updates;

namespace FedRec.Core.Privacy.SecureAggregation;

// How a server gets from shares to the sum.
public sealed partial class SecureServer
{
    private Outcome<FixedPointSum> Unmask(MaskedSum sum)
    {
        using var secrets = new Secrets();
        foreach (var dealer in _sharers)
        {
            if (Recover(dealer, KindOf(dealer)) is not { } secret)
            {
                return new Refusal(RefusalReason.Unrecoverable, dealer, $"What {dealer} has dealt does not give back what it has advertised: the sum cannot be unmasked. Begin another round without it.");
            }

            secrets.Add(dealer, secret);
        }

        var bytes = sum.Encoded.ToArray();
        var words = MemoryMarshal.Cast<byte, long>(bytes.AsSpan());
        if (TakeOut(words, secrets) is { } refusal)
        {
            return refusal;
        }

        return IsPlausible(words)
            ? new FixedPointSum(
                bytes.AsMemory(0, _round.Vector.Length * sizeof(long)), words[^3], words[^2], _survivors.Length, words[^1], _round.Vector.MostWeight, _round.Vector.Scale)
            : new Refusal(RefusalReason.TooLarge, null, $"The sum is larger than {_survivors.Length} clients can make it: masks did not cancel, or somebody has sent what no update is. Nothing of it is used.");
    }

    // A secret of at least the threshold of shares: those that are what was dealt, and of these the first ones that give back what was advertised.
    private SecretBytes? Recover(int dealer, SecretKind kind)
    {
        var holders = _round.Graph.HoldersOf(dealer);
        var (points, shares) = (new List<byte>(), new List<ReadOnlyMemory<byte>>());
        for (var i = 0; i < holders.Length; i++)
        {
            if (_shown.TryGetValue(holders[i], out var shown) && !_wrong.Contains((holders[i], dealer)) && shown.Shares.FirstOrDefault(share => share.Of == dealer) is { } share)
            {
                points.Add((byte)(i + 1));
                shares.Add(share.Share);
            }
        }

        for (var first = 0; first < points.Count; first++)
        {
            var secret = Combine(points, shares, first);
            if (IsAsAdvertised(dealer, kind, secret))
            {
                return secret;
            }

            Note(dealer, FindingKind.WronglyDealt); // its holders show what it has dealt
            secret.Dispose();
        }

        return null;
    }

    // As many shares as the threshold from some place on, in a circle.
    private SecretBytes Combine(List<byte> points, List<ReadOnlyMemory<byte>> shares, int first)
    {
        var secret = new SecretBytes(UnmaskShares.ShareBytes);
        using var together = new SecretBytes(_round.Graph.Threshold * UnmaskShares.ShareBytes);
        var chosen = new byte[_round.Graph.Threshold];
        for (var i = 0; i < chosen.Length; i++)
        {
            chosen[i] = points[(first + i) % points.Count];
            shares[(first + i) % points.Count].Span.CopyTo(together.Span[(i * UnmaskShares.ShareBytes)..]);
        }

        ShamirSharing.Combine(chosen, together.Span, secret.Span);
        return secret;
    }

    private bool IsAsAdvertised(int dealer, SecretKind kind, SecretBytes secret)
    {
        if (kind == SecretKind.SelfMask)
        {
            return _round.Commitment(dealer, secret.Span).AsSpan().SequenceEqual(_advertised[dealer].Commitment.Span);
        }

        using var pair = _round.Suite.Agreement.TryOpen(secret.Span);
        return pair is not null && pair.PublicKey.Span.SequenceEqual(_advertised[dealer].MaskKey.Span);
    }

    // Own masks of those whose vectors are in the sum, and what these have in common with those whose vectors are not.
    private Refusal? TakeOut(Span<long> words, Secrets secrets)
    {
        using var agreed = new SecretBytes(IKeyAgreement.SecretBytes);
        using var seed = new SecretBytes(Masks.SeedBytes);
        foreach (var (dealer, secret) in secrets)
        {
            if (KindOf(dealer) == SecretKind.SelfMask)
            {
                Masks.Add(words, secret.Span, takeAway: true);
                continue;
            }

            using var pair = _round.Suite.Agreement.TryOpen(secret.Span)!;
            foreach (var survivor in In(_survivors, _round.Graph.HoldersOf(dealer)))
            {
                if (!pair.TryAgree(_advertised[survivor].MaskKey.Span, agreed.Span))
                {
                    return new(RefusalReason.WrongKey, survivor, $"The mask key of {survivor} is no key of {_round.Suite.Agreement.Name}.");
                }

                PairKeys.Mask(agreed.Span, SecureRound.Salt, _round.Digest.Span, survivor, dealer, seed.Span);
                Masks.AddPair(words, seed.Span, survivor, dealer, undo: true);
            }
        }

        return null;
    }

    // Masks that are left over are random words of 64 bits: nearly every one of them is beyond what so few clients can add up to.
    private bool IsPlausible(ReadOnlySpan<long> words)
    {
        var scale = _round.Vector.Scale;
        var limit = _survivors.Length * scale.Encode(scale.Limit);
        return words[..^1].IndexOfAnyExceptInRange(-limit, limit) < 0
            && words[^UpdateLayout.Report.Length] is var weight && weight > 0 && weight <= _survivors.Length * scale.Encode(_round.Vector.MostWeight)
            && words[^1] >= 0 && words[^1] <= (long)_survivors.Length * int.MaxValue;
    }

    // A share that is not what was dealt, by the hash that its dealer has signed, is not used.
    private void FindWrong(UnmaskShares message)
    {
        foreach (var (dealer, kind, share) in message.Shares)
        {
            var dealt = ShareOf(dealer, message.Number)!;
            if (!_round.Tag(dealer, message.Number, kind, share.Span).AsSpan().SequenceEqual((kind == SecretKind.MaskKey ? dealt.MaskKeyTag : dealt.SelfMaskTag).Span))
            {
                _wrong.Add((message.Number, dealer));
                Note(message.Number, FindingKind.WrongShareShown);
            }
        }
    }

    private void Note(int number, FindingKind kind, int by = -1) => _findings.Add((number, kind, by));

    private sealed class Secrets : Dictionary<int, SecretBytes>, IDisposable
    {
        public void Dispose()
        {
            foreach (var secret in Values)
            {
                secret.Dispose();
            }
        }
    }
}
