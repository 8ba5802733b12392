using FedRec.Core.Updates;

namespace FedRec.Core.Learners;

/// <summary>A named matrix of the shared parameters.</summary>
/// <param name="Name">Unique in its layout, such as <c>item_factors</c>.</param>
/// <param name="Rows">At least 1.</param>
/// <param name="Columns">At least 1.</param>
public sealed record ParameterBlock(string Name, int Rows, int Columns) : Block(Name, Rows, Columns);

/// <summary>How the shared parameters, P values, lie in one flat vector.</summary>
/// <param name="blocks">The blocks in their order.</param>
/// <exception cref="ArgumentException">A block is empty or a name is used twice.</exception>
public sealed class ParameterLayout(params ReadOnlySpan<ParameterBlock> blocks) : Layout<ParameterBlock>(blocks)
{
    /// <summary>True when both have the same names and shapes in the same order.</summary>
    public bool Matches(ParameterLayout other) => Blocks.AsSpan().SequenceEqual(other.Blocks.AsSpan());
}
