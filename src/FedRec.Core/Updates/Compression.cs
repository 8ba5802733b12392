using FedRec.Core.Randomness;

namespace FedRec.Core.Updates;

/// <summary>Rounds the values of an update to fewer bits, up or down by chance, so that their expectation stays: what many clients send errs less than what one does.</summary>
/// <remarks>Alistarh et al. 2017, arXiv:1610.02132 (QSGD), with the largest magnitude of the update for its norm. What is sent is what is summed: the rounded values, in whatever
/// way they travel. Updates of a phase that has anything but directions stay as they are, and so do those that are not finite or beyond what half precision holds.</remarks>
/// <param name="format">What the values are rounded to.</param>
public sealed class Quantization(ValueFormat format) : IUpdateStep
{
    /// <inheritdoc/>
    public UpdateOutcome Apply(ref ClientUpdate update, UpdateContext context)
    {
        var values = update.Values.Values;
        var largest = 0f;
        foreach (var value in values)
        {
            largest = MathF.Max(largest, MathF.Abs(value)); // NaN where a value is
        }

        var scale = format switch { ValueFormat.Bytes => largest / 127, ValueFormat.Nibbles => largest / 7, _ => 0 };
        if (!context.Layout.IsAll(BlockRole.Delta) || !float.IsFinite(largest) || (format == ValueFormat.HalfPrecision ? largest > (float)Half.MaxValue : !float.IsNormal(scale)))
        {
            return UpdateOutcome.Unchanged;
        }

        var draws = context.Random;
        var random = SeedSequence.For(draws.NextUInt64(), "rounding"); // draws of its own: the client's own were drawn in training
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = format == ValueFormat.HalfPrecision ? RoundedToHalf(values[i], random.NextDouble()) : Rounded(values[i] / scale, random.NextDouble()) * scale;
        }

        update = update with { Format = format, Scale = scale };
        return UpdateOutcome.Changed;
    }

    private static float Rounded(float value, double draw)
    {
        var below = MathF.Floor(value);
        return value - below > draw ? below + 1 : below;
    }

    private static float RoundedToHalf(float value, double draw)
    {
        var near = ClientUpdate.HalfBelow(value);
        var far = Half.IsNegative(near) || value < 0 ? Half.BitDecrement(near) : Half.BitIncrement(near);
        var (low, step) = ((float)near, (float)far - (float)near);
        return (value - low) / step > draw ? (float)far : low;
    }
}

/// <summary>Sends updates through Zstandard (RFC 8878): what is sent is smaller, and what arrives is the same.</summary>
public sealed class Packing : IUpdateStep
{
    /// <inheritdoc/>
    public UpdateOutcome Apply(ref ClientUpdate update, UpdateContext context)
    {
        update = update with { IsPacked = true };
        return UpdateOutcome.Unchanged;
    }
}
