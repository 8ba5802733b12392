using FedRec.Core.Models;

namespace FedRec.Core.Personalization;

/// <summary>The tables with a row for each item, which stand first in every layout.</summary>
internal static class ItemTables
{
    /// <summary>These blocks of a layout.</summary>
    public static ReadOnlySpan<ParameterBlock> Of(ParameterLayout layout)
    {
        var count = 1;
        while (count < layout.Blocks.Length && layout.Blocks[count].Rows == layout.Blocks[0].Rows)
        {
            count++;
        }

        return layout.Blocks.AsSpan(0, count);
    }

    /// <summary>Values of these blocks.</summary>
    public static int Length(ParameterLayout layout)
    {
        var length = 0;
        foreach (var block in Of(layout))
        {
            length += block.Length;
        }

        return length;
    }
}
