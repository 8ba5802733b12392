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
}
