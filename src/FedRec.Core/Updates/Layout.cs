using System.Collections.Immutable;

namespace FedRec.Core.Updates;

/// <summary>A named matrix inside a flat vector; a vector has one row, a scalar one row and one column.</summary>
/// <param name="Name">Unique in its layout, such as <c>item_factors</c>.</param>
/// <param name="Rows">At least 1.</param>
/// <param name="Columns">At least 1.</param>
public abstract record Block(string Name, int Rows, int Columns)
{
    /// <summary>Number of values, <see cref="Rows"/> × <see cref="Columns"/>.</summary>
    public int Length => checked(Rows * Columns);
}

/// <summary>How named matrices lie in one flat float32 vector: in order, row-major, without gaps.</summary>
/// <typeparam name="TBlock">What is said of each.</typeparam>
public abstract class Layout<TBlock>
    where TBlock : Block
{
    private readonly ImmutableArray<int> _offsets;

    private protected Layout(ReadOnlySpan<TBlock> blocks)
    {
        Blocks = [.. blocks];
        var offsets = ImmutableArray.CreateBuilder<int>(blocks.Length);
        foreach (var block in blocks)
        {
            if (block.Rows < 1 || block.Columns < 1)
            {
                throw new ArgumentException($"Block {block.Name} is {block.Rows} × {block.Columns}; both must be at least 1.", nameof(blocks));
            }

            offsets.Add(Length);
            Length = checked(Length + block.Length);
        }

        _offsets = offsets.ToImmutable();
        if (Blocks.DistinctBy(block => block.Name).Count() != Blocks.Length)
        {
            throw new ArgumentException("Two blocks have the same name.", nameof(blocks));
        }
    }

    /// <summary>The blocks in their order.</summary>
    public ImmutableArray<TBlock> Blocks { get; }

    /// <summary>Number of values of all blocks.</summary>
    public int Length { get; }

    /// <summary>Where a block begins in the flat vector.</summary>
    /// <param name="block">Position of the block in <see cref="Blocks"/>.</param>
    public int Offset(int block) => _offsets[block];

    /// <summary>Position in <see cref="Blocks"/> of the block that a place of the flat vector is in.</summary>
    /// <param name="position">From 0 to <see cref="Length"/> − 1.</param>
    public int IndexAt(int position)
    {
        var found = _offsets.BinarySearch(position);
        return found < 0 ? ~found - 1 : found;
    }

    /// <summary>The block that a place of the flat vector is in.</summary>
    /// <param name="position">From 0 to <see cref="Length"/> − 1.</param>
    public TBlock BlockAt(int position) => Blocks[IndexAt(position)];
}

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
