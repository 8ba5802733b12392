using System.Numerics.Tensors;

namespace FedRec.Core.Updates;

/// <summary>How the values of an update are written.</summary>
public enum ValueFormat
{
    /// <summary>As they are.</summary>
    Plain = 0,

    /// <summary>IEEE half precision.</summary>
    HalfPrecision = 1,

    /// <summary>Whole numbers from −127 to 127 times a scale.</summary>
    Bytes = 2,

    /// <summary>Whole numbers from −7 to 7 times a scale.</summary>
    Nibbles = 3,
}

/// <summary>What one client sends back for one round, on its way to the aggregator.</summary>
/// <param name="Values">The touched segments of the phase's layout.</param>
/// <param name="Weight">Its share in the mean; finite and greater than 0.</param>
/// <param name="Loss">Its mean training loss.</param>
/// <param name="Examples">Examples it trained on.</param>
public readonly record struct ClientUpdate(UpdateBuffer Values, double Weight, double Loss, int Examples)
{
    /// <summary>How the values are written; they are such as it writes without loss. Default: as they are.</summary>
    public ValueFormat Format { get; init; }

    /// <summary>What the whole numbers of <see cref="ValueFormat.Bytes"/> and <see cref="ValueFormat.Nibbles"/> are multiplied by.</summary>
    public float Scale { get; init; }

    /// <summary>Whether it is written through Zstandard. Default: false.</summary>
    public bool IsPacked { get; init; }

    /// <summary>The update in whole numbers of the round's scale, one of 8 bytes for each value of the layout, where it is sent so; <see cref="Values"/> are empty then. Whoever adds it up overwrites it. Default: empty.</summary>
    public Memory<byte> Exact { get; init; }

    /// <summary>Bytes of <see cref="Encode"/>, or of <see cref="Exact"/>.</summary>
    public long EncodedBytes => Exact.IsEmpty ? UpdateCodec.BytesOf(this) : Exact.Length;

    /// <summary>The update as it is sent; see <see cref="UpdateCodec"/>.</summary>
    public byte[] Encode() => UpdateCodec.Encode(this);

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="length">Values of the layout that its segments must be inside of.</param>
    /// <exception cref="InvalidDataException">It is cut short, or a segment is outside the layout.</exception>
    public static ClientUpdate Decode(ReadOnlySpan<byte> bytes, int length) => UpdateCodec.Decode(bytes, length);

    /// <summary>The update with its values, which it shares, times a factor in (0, 1); they stay such as its format writes without loss.</summary>
    public ClientUpdate Shortened(float factor)
    {
        var values = Values.Values;
        switch (Format)
        {
            case ValueFormat.Plain:
                TensorPrimitives.Multiply(values, factor, values);
                return this;
            case ValueFormat.HalfPrecision:
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = (float)HalfBelow(values[i] * factor);
                }

                return this;
            default:
                var scale = Scale * factor;
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = MathF.Round(values[i] / Scale) * scale;
                }

                return this with { Scale = scale };
        }
    }

    /// <summary>The half-precision number of largest magnitude that is not beyond a value.</summary>
    internal static Half HalfBelow(float value)
    {
        var near = (Half)value;
        return MathF.Abs((float)near) <= MathF.Abs(value) ? near : Half.IsNegative(near) ? Half.BitIncrement(near) : Half.BitDecrement(near);
    }
}
