using System.Globalization;
using FedRec.Contracts.Rounds;
using FedRec.Core.Aggregation;
using FedRec.Core.Updates;

namespace FedRec.Grains.Rounds;

/// <summary>What was wrong with rejected updates: converted from Core, compared, and said in words.</summary>
internal static class UpdateFaults
{
    /// <summary>A training that came upon numbers it cannot go on with.</summary>
    public static UpdateFault InTraining { get; } = new(UpdateFaultKind.NotFinite, "", 0, 0);

    /// <summary>The message of a fault.</summary>
    /// <param name="fault">What is wrong; null for an update that nothing is known of.</param>
    /// <param name="layout">Of the update.</param>
    public static UpdateFault Of(AggregationFault? fault, UpdateLayout layout) => fault is { } found
        ? new UpdateFault(KindOf(found.Kind), BlockOf(found.Position, layout), Rounded(found.Value), found.Limit)
        : new UpdateFault(UpdateFaultKind.Misfit, "", 0, 0);

    /// <summary>A model that is not finite.</summary>
    /// <param name="layout">Of the parameters.</param>
    /// <param name="position">The first value that is not; below 0 where it is one of the optimizer's.</param>
    public static UpdateFault InModel(ParameterLayout layout, int position) => new(UpdateFaultKind.NotFinite, position < 0 ? "" : layout.BlockAt(position).Name, 0, 0);

    /// <summary>The graver of two; the same whichever comes first.</summary>
    public static UpdateFault? Graver(UpdateFault? one, UpdateFault? other) =>
        one is null ? other : other is null || Compare(one, other) <= 0 ? one : other;

    /// <summary>Says what is wrong.</summary>
    public static string Words(UpdateFault fault) => fault switch
    {
        { Kind: UpdateFaultKind.NotFinite } => $"{What(fault.Block, "a value")} is not finite",
        { Kind: UpdateFaultKind.TooLarge } => string.Create(CultureInfo.InvariantCulture, $"{What(fault.Block, "a value")} is about {fault.Value:0E+0}, and {fault.Limit:#,0.###} is the most a client may send"),
        { Kind: UpdateFaultKind.WeightTooSmall } => string.Create(CultureInfo.InvariantCulture, $"a weight is about {fault.Value:0E+0}, and {fault.Limit:0.#E+0} is the least that counts"),
        _ => "an update does not fit the plan",
    };

    private static string What(string block, string otherwise) => block.Length == 0 ? otherwise : block;

    private static int Compare(UpdateFault one, UpdateFault other) =>
        one.Kind != other.Kind ? one.Kind.CompareTo(other.Kind)
        : Math.Abs(one.Value) != Math.Abs(other.Value) ? Math.Abs(other.Value).CompareTo(Math.Abs(one.Value))
        : string.CompareOrdinal(one.Block, other.Block);

    private static UpdateFaultKind KindOf(FaultKind kind) => kind switch
    {
        FaultKind.NotFinite => UpdateFaultKind.NotFinite,
        FaultKind.TooLarge => UpdateFaultKind.TooLarge,
        FaultKind.WeightTooSmall => UpdateFaultKind.WeightTooSmall,
        _ => UpdateFaultKind.Misfit,
    };

    private static string BlockOf(int position, UpdateLayout layout) => position switch
    {
        AggregationFault.OfWeight => "weight",
        AggregationFault.OfLoss => "loss",
        _ => layout.BlockAt(position).Name,
    };

    // A value of a client is nobody else's business; how large it is has to be known to mend it.
    private static double Rounded(double value) => double.IsFinite(value) && value != 0
        ? double.Parse(value.ToString("E0", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
        : 0;
}
