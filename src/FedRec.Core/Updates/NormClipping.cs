using System.Numerics.Tensors;

namespace FedRec.Core.Updates;

/// <summary>Shortens the direction of an update, all its <see cref="BlockRole.Delta"/> blocks together, to an L2 norm; other blocks stay as they are.</summary>
/// <remarks>McMahan et al. 2018, arXiv:1710.06963, flat clipping. What is not finite is left to the aggregator, which refuses it.</remarks>
/// <param name="norm">The largest norm, finite and greater than 0.</param>
public sealed class NormClipping(double norm) : IUpdateStep
{
    private const double Margin = 1e-7; // what rounding to float32 may add to a length

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Segments share places, so that their lengths say nothing of that of their sum.</exception>
    public UpdateOutcome Apply(ref ClientUpdate update, UpdateContext context)
    {
        if (update.Values.LargestTotal > 0 && context.Layout.Has(BlockRole.Delta))
        {
            throw new InvalidOperationException("Directions whose segments share places cannot be clipped: their learner must add them up before.");
        }

        var length = Length(update.Values, context.Layout);
        if (!(length > norm) || double.IsInfinity(length))
        {
            return UpdateOutcome.Unchanged;
        }

        for (var factor = norm / length; length > norm; factor = norm / length * (1 - Margin))
        {
            if (update.Format == ValueFormat.Plain)
            {
                Scale(update.Values, context.Layout, (float)factor);
            }
            else
            {
                update = update.Shortened((float)factor); // directions only
            }

            length = Length(update.Values, context.Layout);
        }

        return UpdateOutcome.Clipped;
    }

    /// <summary>L2 norm of the direction.</summary>
    public static double Length(UpdateBuffer update, UpdateLayout layout)
    {
        var squares = 0.0;
        foreach (var (start, count) in layout.Directions(update))
        {
            foreach (var value in update.Values.Slice(start, count))
            {
                squares += (double)value * value;
            }
        }

        return Math.Sqrt(squares);
    }

    private static void Scale(UpdateBuffer update, UpdateLayout layout, float factor)
    {
        foreach (var (start, count) in layout.Directions(update))
        {
            var values = update.Values.Slice(start, count);
            TensorPrimitives.Multiply(values, factor, values);
        }
    }
}
