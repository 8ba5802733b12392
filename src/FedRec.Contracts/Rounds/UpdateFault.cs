namespace FedRec.Contracts.Rounds;

/// <summary>What was wrong with an update that could not be added to a sum, or with the model that a sum would have made.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Block">The block of the contribution, such as <c>item_factors</c>, or <c>loss</c> or <c>weight</c>; empty when it is not known.</param>
/// <param name="Value">The value, times its weight, to one digit, as it is one client's; 0 where it is not finite.</param>
/// <param name="Limit">The largest that is allowed; for a weight that is too small, the smallest.</param>
[GenerateSerializer, Immutable, Alias("fedrec.update-fault")]
public sealed record UpdateFault(
    [property: Id(0)] UpdateFaultKind Kind,
    [property: Id(1)] string Block,
    [property: Id(2)] double Value,
    [property: Id(3)] double Limit);

/// <summary>Why an update could not be added; the gravest first.</summary>
[GenerateSerializer, Alias("fedrec.update-fault-kind")]
public enum UpdateFaultKind
{
    /// <summary>A value is not finite.</summary>
    NotFinite = 0,

    /// <summary>A value is larger than one client may add.</summary>
    TooLarge = 1,

    /// <summary>The weight is too small to be told from zero.</summary>
    WeightTooSmall = 2,

    /// <summary>It does not fit the plan.</summary>
    Misfit = 3,
}
