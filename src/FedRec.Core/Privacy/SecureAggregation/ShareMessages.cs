using System.Collections.Immutable;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>What a client deals to one of its neighbours, or keeps itself.</summary>
/// <param name="To">Number of the holder.</param>
/// <param name="Sealed">A share of its mask key and one of its own mask's seed, which only the holder can open; empty for itself.</param>
/// <param name="MaskKeyTag">Hash of the former share, 16 bytes, by which a wrong one is known when it is shown.</param>
/// <param name="SelfMaskTag">Hash of the latter.</param>
public sealed record SealedShare(int To, ReadOnlyMemory<byte> Sealed, ReadOnlyMemory<byte> MaskKeyTag, ReadOnlyMemory<byte> SelfMaskTag)
{
    internal const int TagBytes = 16;
    internal const int LeastBytes = 4 + 4 + (2 * TagBytes);

    internal void Write(WireWriter writer) => writer.Int32(To).Blob(Sealed.Span).Raw(MaskKeyTag.Span).Raw(SelfMaskTag.Span);

    internal static SealedShare Read(ref WireReader reader) => new(reader.Participant(), reader.Blob(), reader.Copy(TagBytes), reader.Copy(TagBytes));
}

/// <summary>Step 1, client to server: the shares of its two secrets.</summary>
/// <param name="Number">Of the client.</param>
/// <param name="Shares">One for each neighbour that has advertised and for itself, by number, ascending.</param>
/// <param name="Signature">Of its long-term key.</param>
public sealed record SealedShares(int Number, ImmutableArray<SealedShare> Shares, ReadOnlyMemory<byte> Signature) : ISigned
{
    /// <inheritdoc cref="Advertisement.Encode"/>
    public byte[] Encode() => new WireWriter().Raw(((ISigned)this).Unsigned()).Blob(Signature.Span).ToArray();

    /// <inheritdoc cref="Advertisement.Decode"/>
    public static SealedShares Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes, MessageKind.SealedShares);
        var message = new SealedShares(reader.Participant(), reader.Each(SealedShare.LeastBytes, SealedShare.Read), reader.Blob());
        reader.End();
        return message;
    }

    byte[] ISigned.Unsigned() => new WireWriter(MessageKind.SealedShares).Int32(Number).Each(Shares, (share, writer) => share.Write(writer)).ToArray();
}

/// <summary>Step 1, server to one client: who has dealt shares, and those that were dealt to it.</summary>
/// <param name="Sharers">Numbers of all who have, ascending: U1.</param>
/// <param name="Shares">Of each neighbour among them, by number, ascending; <see cref="DealtShare.From"/> says whose.</param>
public sealed record ShareDelivery(ImmutableArray<int> Sharers, ImmutableArray<DealtShare> Shares)
{
    /// <inheritdoc cref="Advertisement.Encode"/>
    public byte[] Encode() =>
        new WireWriter(MessageKind.ShareDelivery).Numbers(Sharers).Each(Shares, (dealt, writer) => dealt.Share.Write(writer.Int32(dealt.From))).ToArray();

    /// <inheritdoc cref="Advertisement.Decode"/>
    public static ShareDelivery Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes, MessageKind.ShareDelivery);
        var message = new ShareDelivery(reader.Numbers(), reader.Each(4 + SealedShare.LeastBytes, (ref part) => new DealtShare(part.Participant(), SealedShare.Read(ref part))));
        reader.End();
        return message;
    }
}

/// <summary>A share on its way to its holder.</summary>
/// <param name="From">Number of the dealer.</param>
/// <param name="Share">As it was dealt.</param>
public sealed record DealtShare(int From, SealedShare Share);
