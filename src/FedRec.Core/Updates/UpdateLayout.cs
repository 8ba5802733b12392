namespace FedRec.Core.Updates;

/// <summary>What the values of a block stand for, and so what may be done with them on their way to the sum.</summary>
public enum BlockRole
{
    /// <summary>A direction, trained minus received: it may be clipped, and any aggregator may take it.</summary>
    Delta,

    /// <summary>How many there are of something: only its exact sum is right.</summary>
    Count,

    /// <summary>A statistic of the client's data, such as a gradient or a moment: only its exact sum is right.</summary>
    Statistic,

    /// <summary>How well candidates do at the client: only the exact sum is right.</summary>
    Vote,
}

/// <summary>A named matrix inside an update.</summary>
/// <param name="Name">Unique in its layout, such as <c>item_factors</c>.</param>
/// <param name="Rows">At least 1.</param>
/// <param name="Columns">At least 1.</param>
/// <param name="Role">What its values stand for.</param>
/// <param name="Sensitivity">Largest magnitude that one user adds in one place; null where nothing bounds it. Default: null.</param>
public sealed record UpdateBlock(string Name, int Rows, int Columns, BlockRole Role, double? Sensitivity = null) : Block(Name, Rows, Columns);

/// <summary>How the blocks of an update lie in one flat vector. Each phase of a run has its own layout.</summary>
public sealed class UpdateLayout : Layout<UpdateBlock>
{
    /// <summary>The blocks that follow in every update, whatever its phase: what the client counts, its weight · loss, and the examples it trained on.</summary>
    /// <remarks>In a sum they are places like all others, so that whatever is done to a vector of places, such as a mask, is done to them. Before that they are
    /// in double precision (<see cref="ClientUpdate"/>), as a mean divides by their sum.</remarks>
    public static UpdateLayout Report { get; } = new(
        new("weight", 1, 1, BlockRole.Count), new("weighted_loss", 1, 1, BlockRole.Statistic), new("examples", 1, 1, BlockRole.Count));

    /// <summary>Lays the blocks out one after the other.</summary>
    /// <exception cref="ArgumentException">There is no block, one is empty, or a name is used twice.</exception>
    public UpdateLayout(params ReadOnlySpan<UpdateBlock> blocks)
        : base(blocks)
    {
        if (Blocks.IsEmpty)
        {
            throw new ArgumentException("An update needs a block.", nameof(blocks));
        }
    }

    /// <summary>Where in an update's <see cref="UpdateBuffer.Values"/> there are directions, which a step may change; what lies between is exact.</summary>
    /// <param name="update">Segments inside this layout; one may reach over several blocks.</param>
    public IEnumerable<(int Start, int Count)> Directions(UpdateBuffer update)
    {
        if (IsAll(BlockRole.Delta))
        {
            yield return (0, update.Values.Length);
            yield break;
        }

        var start = 0;
        for (var segment = 0; segment < update.SegmentCount; segment++)
        {
            var (offset, end) = (update.Offset(segment), update.Offset(segment) + update.SegmentValues(segment).Length);
            while (offset < end)
            {
                var block = IndexAt(offset);
                var count = Math.Min(end, Offset(block) + Blocks[block].Length) - offset;
                if (Blocks[block].Role == BlockRole.Delta)
                {
                    yield return (start, count);
                }

                (start, offset) = (start + count, offset + count);
            }
        }
    }

    /// <summary>Whether some block has a role.</summary>
    public bool Has(BlockRole role) => Blocks.Any(block => block.Role == role);

    /// <summary>Whether all blocks have a role.</summary>
    public bool IsAll(BlockRole role)
    {
        foreach (var block in Blocks)
        {
            if (block.Role != role)
            {
                return false;
            }
        }

        return true;
    }
}
