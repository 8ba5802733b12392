using System.Collections.Immutable;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>A message that its sender has signed.</summary>
internal interface ISigned
{
    /// <summary>Of the sender.</summary>
    int Number { get; }

    /// <summary>Over <see cref="SecureRound.Statement"/> of <see cref="Unsigned"/>.</summary>
    ReadOnlyMemory<byte> Signature { get; }

    /// <summary>All but the signature.</summary>
    byte[] Unsigned();
}

/// <summary>Step 0, client to server: its public keys of this round, and what its own mask is bound by.</summary>
/// <param name="Number">Of the client.</param>
/// <param name="Session">Digest of the round as the client knows it, 32 bytes: <see cref="SecureRound.Digest"/>.</param>
/// <param name="MaskKey">Public key of which masks of pairs are derived.</param>
/// <param name="ChannelKey">Public key of which the keys are derived that shares are sealed with.</param>
/// <param name="Commitment">Hash of the seed of its own mask, 32 bytes.</param>
/// <param name="Signature">Of its long-term key.</param>
public sealed record Advertisement(
    int Number, ReadOnlyMemory<byte> Session, ReadOnlyMemory<byte> MaskKey, ReadOnlyMemory<byte> ChannelKey, ReadOnlyMemory<byte> Commitment, ReadOnlyMemory<byte> Signature) : ISigned
{
    internal const int HashBytes = 32;

    /// <summary>The message as it is sent.</summary>
    public byte[] Encode() => new WireWriter().Raw(((ISigned)this).Unsigned()).Blob(Signature.Span).ToArray();

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static Advertisement Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes, MessageKind.Advertisement);
        var message = new Advertisement(reader.Participant(), reader.Copy(HashBytes), reader.Blob(), reader.Blob(), reader.Copy(HashBytes), reader.Blob());
        reader.End();
        return message;
    }

    byte[] ISigned.Unsigned() =>
        new WireWriter(MessageKind.Advertisement).Int32(Number).Raw(Session.Span).Blob(MaskKey.Span).Blob(ChannelKey.Span).Raw(Commitment.Span).ToArray();
}

/// <summary>Step 0, server to one client: what it and its neighbours have advertised.</summary>
/// <param name="Advertisements">By number, ascending.</param>
public sealed record Roll(ImmutableArray<Advertisement> Advertisements)
{
    private const int LeastBytes = 80;

    /// <inheritdoc cref="Advertisement.Encode"/>
    public byte[] Encode() => new WireWriter(MessageKind.Roll).Each(Advertisements, (one, writer) => writer.Blob(one.Encode())).ToArray();

    /// <inheritdoc cref="Advertisement.Decode"/>
    public static Roll Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes, MessageKind.Roll);
        var roll = new Roll(reader.Each(LeastBytes, (ref part) => Advertisement.Decode(part.Blob().Span)));
        reader.End();
        return roll;
    }
}
