using FedRec.Core.Updates;

namespace FedRec.Core.Aggregation;

/// <summary>Why an update cannot be added to a sum.</summary>
public enum FaultKind
{
    /// <summary>A value, the weight or the loss is not finite.</summary>
    NotFinite,

    /// <summary>A value times its weight is larger than one client may add.</summary>
    TooLarge,

    /// <summary>The weight is zero, negative, or too small to be told from zero.</summary>
    WeightTooSmall,

    /// <summary>A segment stands outside the layout.</summary>
    OutsideLayout,

    /// <summary>The sum has as many clients as were planned.</summary>
    TooManyClients,
}

/// <summary>What is wrong with an update.</summary>
/// <param name="Kind">Why it cannot be added.</param>
/// <param name="Position">Where in the update layout; below 0 where it is no value of it that is wrong.</param>
/// <param name="Value">The value, times its weight.</param>
/// <param name="Limit">The largest that is allowed.</param>
public readonly record struct AggregationFault(FaultKind Kind, int Position, double Value, double Limit)
{
    /// <summary>Stands for the weight, or for the update as a whole, in place of a position.</summary>
    public const int OfWeight = -1;

    /// <summary>Stands for the loss in place of a position.</summary>
    public const int OfLoss = -2;

    /// <summary>The gravest thing that is wrong with an update's values, weight or loss; null when nothing is.</summary>
    internal static AggregationFault? Find(UpdateBuffer update, double weight, double loss, SumScale scale) =>
        FindNotFinite(update, weight, loss, scale.Limit) ?? FindOutOfRange(update, weight, loss, scale);

    private static AggregationFault? FindNotFinite(UpdateBuffer update, double weight, double loss, double limit)
    {
        var place = Worst(update, value => !float.IsFinite(value)) is { } found ? found.Position
            : !double.IsFinite(weight) ? OfWeight
            : !double.IsFinite(loss) ? OfLoss
            : default(int?);
        return place is { } position ? new(FaultKind.NotFinite, position, double.NaN, limit) : null;
    }

    private static AggregationFault? FindOutOfRange(UpdateBuffer update, double weight, double loss, SumScale scale)
    {
        var limit = scale.Limit;
        if (!scale.IsWeight(weight))
        {
            return new(weight > limit ? FaultKind.TooLarge : FaultKind.WeightTooSmall, OfWeight, weight, weight > limit ? limit : scale.Decode(1));
        }

        if (Worst(update, value => !FixedPoint.InRange([value], weight, limit)) is { } found)
        {
            return new(FaultKind.TooLarge, found.Position, found.Value * weight, limit);
        }

        return update.LargestTotal * weight > limit ? new(FaultKind.TooLarge, update.Offset(0), update.LargestTotal * weight, limit)
            : Math.Abs(loss) * weight > limit ? new(FaultKind.TooLarge, OfLoss, loss * weight, limit)
            : null;
    }

    // The first of the values of largest magnitude among those that are wrong.
    private static (int Position, float Value)? Worst(UpdateBuffer update, Predicate<float> isWrong)
    {
        (int Position, float Value)? worst = null;
        for (var segment = 0; segment < update.SegmentCount; segment++)
        {
            var values = update.SegmentValues(segment);
            for (var i = 0; i < values.Length; i++)
            {
                if (isWrong(values[i]) && (worst is not { } known || Math.Abs(values[i]) > Math.Abs(known.Value)))
                {
                    worst = (update.Offset(segment) + i, values[i]);
                }
            }
        }

        return worst;
    }
}
