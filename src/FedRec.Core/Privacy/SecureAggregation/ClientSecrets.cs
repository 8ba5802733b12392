using FedRec.Core.Randomness;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>The secrets of one client in one round: all follow from one key, so that this is all that has to be kept, and erased.</summary>
/// <remarks>Two keys, as one of them is given away when the client goes away: what was sealed under the other stays closed (Bonawitz et al. 2017, section 4.2).</remarks>
internal sealed class ClientSecrets(SecureRound round, int number, SecretKey key)
{
    private IKeyAgreement Agreement => round.Suite.Agreement;

    /// <summary>The key itself, for whoever keeps the client's state.</summary>
    public ReadOnlySpan<byte> Key => key.Bytes;

    /// <summary>Its key pair for masks of pairs.</summary>
    public IKeyPair OpenMaskKey()
    {
        using var secret = new SecretBytes(IKeyAgreement.SecretBytes);
        return DrawMaskKey(secret);
    }

    /// <summary>Its key pair for sealing shares.</summary>
    public IKeyPair OpenChannelKey()
    {
        using var secret = new SecretBytes(IKeyAgreement.SecretBytes);
        using var stream = key.Stream("channel key");
        return Agreement.Draw(stream, secret.Span);
    }

    /// <summary>The seed of its own mask.</summary>
    public SecretBytes OpenSelfMask()
    {
        var seed = new SecretBytes(Masks.SeedBytes);
        using var stream = key.Stream("self mask");
        stream.Fill(seed.Span);
        return seed;
    }

    /// <summary>Deals shares of the mask key and, behind it, of the seed of its own mask.</summary>
    public Deal OpenDeal()
    {
        var both = new SecretBytes(Deal.Bytes);
        using var seed = OpenSelfMask();
        seed.Span.CopyTo(both.Span[IKeyAgreement.SecretBytes..]);
        using var mask = new SecretBytes(IKeyAgreement.SecretBytes);
        using var pair = DrawMaskKey(mask);
        mask.Span.CopyTo(both.Span);
        var coefficients = new SecretBytes((round.Graph.Threshold - 1) * Deal.Bytes);
        using var stream = key.Stream("shares");
        stream.Fill(coefficients.Span);
        return new Deal(both, coefficients);
    }

    /// <summary>The key under which it writes to another, or that one to it.</summary>
    /// <param name="channel">Its key pair.</param>
    /// <param name="other">Number of the other.</param>
    /// <param name="otherKey">Channel key of the other.</param>
    /// <param name="sends">Whether it writes itself.</param>
    /// <returns>Null when the other's key is none.</returns>
    public SecretBytes? ChannelKey(IKeyPair channel, int other, ReadOnlySpan<byte> otherKey, bool sends)
    {
        using var agreed = new SecretBytes(IKeyAgreement.SecretBytes);
        if (!channel.TryAgree(otherKey, agreed.Span))
        {
            return null;
        }

        var channelKey = new SecretBytes(Masks.SeedBytes);
        PairKeys.Channel(agreed.Span, SecureRound.Salt, round.Digest.Span, sends ? number : other, sends ? other : number, channelKey.Span);
        return channelKey;
    }

    /// <summary>Overwrites the key, from which all others follow.</summary>
    public void Erase() => key.Erase();

    private IKeyPair DrawMaskKey(SecretBytes secret)
    {
        using var stream = key.Stream("mask key");
        return Agreement.Draw(stream, secret.Span);
    }
}

/// <summary>Both secrets of a client with the polynomials of which they are the values at zero.</summary>
internal sealed class Deal(SecretBytes secrets, SecretBytes coefficients) : IDisposable
{
    /// <summary>Bytes of a share of both.</summary>
    public const int Bytes = IKeyAgreement.SecretBytes + Masks.SeedBytes;

    /// <summary>What the holder at a point gets: a share of the mask key, and one of the seed of the own mask.</summary>
    public SecretBytes Share(int point)
    {
        var share = new SecretBytes(Bytes);
        ShamirSharing.Share(secrets.Span, coefficients.Span, checked((byte)point), share.Span);
        return share;
    }

    /// <summary>The part of a share that is of a secret.</summary>
    public static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> share, SecretKind kind) => kind == SecretKind.MaskKey ? share[..IKeyAgreement.SecretBytes] : share[IKeyAgreement.SecretBytes..];

    public void Dispose()
    {
        secrets.Dispose();
        coefficients.Dispose();
    }
}
