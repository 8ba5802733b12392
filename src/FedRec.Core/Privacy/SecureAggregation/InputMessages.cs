using System.Collections.Immutable;

namespace FedRec.Core.Privacy.SecureAggregation;

/// <summary>Step 2, client to server: that it has sent its masked vector, which whoever adds up may have instead of the server.</summary>
/// <param name="Number">Of the client.</param>
/// <param name="Unopened">Neighbours, ascending, whose share is missing or is not what they have promised.</param>
/// <param name="VectorHash">SHA-256 of the masked words, 32 bytes.</param>
/// <param name="Signature">Of its long-term key.</param>
public sealed record InputReceipt(int Number, ImmutableArray<int> Unopened, ReadOnlyMemory<byte> VectorHash, ReadOnlyMemory<byte> Signature) : ISigned
{
    /// <inheritdoc cref="Advertisement.Encode"/>
    public byte[] Encode() => new WireWriter().Raw(((ISigned)this).Unsigned()).Blob(Signature.Span).ToArray();

    /// <inheritdoc cref="Advertisement.Decode"/>
    public static InputReceipt Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes, MessageKind.InputReceipt);
        var message = new InputReceipt(reader.Participant(), reader.Numbers(), reader.Copy(Advertisement.HashBytes), reader.Blob());
        reader.End();
        return message;
    }

    byte[] ISigned.Unsigned() => new WireWriter(MessageKind.InputReceipt).Int32(Number).Numbers(Unopened).Raw(VectorHash.Span).ToArray();
}

/// <summary>Step 2, client to whoever adds up: its masked vector.</summary>
/// <param name="Receipt">What the server gets of it.</param>
/// <param name="Words">The masked values and the masked report, as <see cref="Aggregation.MaskedSum"/> takes them.</param>
public sealed record MaskedInput(InputReceipt Receipt, ReadOnlyMemory<byte> Words)
{
    /// <inheritdoc cref="Advertisement.Encode"/>
    public byte[] Encode() => new WireWriter(MessageKind.MaskedInput).Blob(Receipt.Encode()).Raw(Words.Span).ToArray();

    /// <inheritdoc cref="Advertisement.Decode"/>
    public static MaskedInput Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes, MessageKind.MaskedInput);
        return new MaskedInput(InputReceipt.Decode(reader.Blob().Span), reader.Rest().ToArray());
    }
}

/// <summary>Step 2, server to all: whose vectors are in the sum.</summary>
/// <param name="Numbers">Ascending: U2.</param>
public sealed record Survivors(ImmutableArray<int> Numbers)
{
    /// <inheritdoc cref="Advertisement.Encode"/>
    public byte[] Encode() => new WireWriter(MessageKind.Survivors).Numbers(Numbers).ToArray();

    /// <inheritdoc cref="Advertisement.Decode"/>
    public static Survivors Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes, MessageKind.Survivors);
        var message = new Survivors(reader.Numbers());
        reader.End();
        return message;
    }
}
