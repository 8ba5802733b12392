using System.Collections.Immutable;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>Step 3, client to server: that it was told of these survivors, and of no others.</summary>
/// <param name="Number">Of the client.</param>
/// <param name="SurvivorsHash">SHA-256 of the encoded <see cref="Survivors"/>, 32 bytes.</param>
/// <param name="Signature">Of its long-term key.</param>
public sealed record Consent(int Number, ReadOnlyMemory<byte> SurvivorsHash, ReadOnlyMemory<byte> Signature) : ISigned
{
    internal const int LeastBytes = 2 + 4 + Advertisement.HashBytes + 4;

    /// <inheritdoc cref="Advertisement.Encode"/>
    public byte[] Encode() => new WireWriter().Raw(((ISigned)this).Unsigned()).Blob(Signature.Span).ToArray();

    /// <inheritdoc cref="Advertisement.Decode"/>
    public static Consent Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes, MessageKind.Consent);
        var message = new Consent(reader.Participant(), reader.Copy(Advertisement.HashBytes), reader.Blob());
        reader.End();
        return message;
    }

    byte[] ISigned.Unsigned() => new WireWriter(MessageKind.Consent).Int32(Number).Raw(SurvivorsHash.Span).ToArray();
}

/// <summary>Step 3, server to one client: the consents of it and its neighbours.</summary>
/// <param name="Consents">By number, ascending.</param>
public sealed record ConsentList(ImmutableArray<Consent> Consents)
{
    /// <inheritdoc cref="Advertisement.Encode"/>
    public byte[] Encode() => new WireWriter(MessageKind.ConsentList).Each(Consents, (one, writer) => writer.Blob(one.Encode())).ToArray();

    /// <inheritdoc cref="Advertisement.Decode"/>
    public static ConsentList Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes, MessageKind.ConsentList);
        var message = new ConsentList(reader.Each(4 + Consent.LeastBytes, (ref part) => Consent.Decode(part.Blob().Span)));
        reader.End();
        return message;
    }
}

/// <summary>Which of a client's two secrets a share is of; nobody shows shares of both.</summary>
public enum SecretKind : byte
{
    /// <summary>Its mask key: for a client whose vector is missing, to take out what it has in common with others.</summary>
    MaskKey = 0,

    /// <summary>The seed of its own mask: for a client whose vector is in the sum.</summary>
    SelfMask = 1,
}

/// <summary>One share that a holder shows.</summary>
/// <param name="Of">Number of the dealer.</param>
/// <param name="Kind">Of which secret.</param>
/// <param name="Share">32 bytes.</param>
public sealed record ShownShare(int Of, SecretKind Kind, ReadOnlyMemory<byte> Share);

/// <summary>Step 4, client to server: for each neighbour, and itself, a share of one secret.</summary>
/// <param name="Number">Of the client.</param>
/// <param name="Shares">By dealer, ascending.</param>
/// <param name="Signature">Of its long-term key.</param>
public sealed record UnmaskShares(int Number, ImmutableArray<ShownShare> Shares, ReadOnlyMemory<byte> Signature) : ISigned
{
    internal const int ShareBytes = 32;
    private const int LeastBytes = 4 + 1 + ShareBytes;

    /// <inheritdoc cref="Advertisement.Encode"/>
    public byte[] Encode() => new WireWriter().Raw(((ISigned)this).Unsigned()).Blob(Signature.Span).ToArray();

    /// <inheritdoc cref="Advertisement.Decode"/>
    public static UnmaskShares Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes, MessageKind.UnmaskShares);
        var message = new UnmaskShares(
            reader.Participant(),
            reader.Each(LeastBytes, (ref part) => new ShownShare(part.Participant(), KindOf(part.Byte()), part.Copy(ShareBytes))),
            reader.Blob());
        reader.End();
        return message;
    }

    private static SecretKind KindOf(byte kind) => kind <= (byte)SecretKind.SelfMask ? (SecretKind)kind : throw WireReader.Damaged($"there is no secret of kind {kind}");

    byte[] ISigned.Unsigned() => new WireWriter(MessageKind.UnmaskShares).Int32(Number)
        .Each(Shares, (share, writer) => writer.Int32(share.Of).Byte((byte)share.Kind).Raw(share.Share.Span)).ToArray();
}
