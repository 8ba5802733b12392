using System.Numerics.Tensors;
using FedRec.Core.Federation;
using FedRec.Core.Updates;

namespace FedRec.Benchmarks.Attacks;

/// <summary>Puts crafted rows together to an update.</summary>
internal static class Crafted
{
    /// <summary>How many times what an honest client would send a malicious one sends, where nothing keeps an attacker from it.</summary>
    public const float Boost = 20;

    /// <summary>L2 norm of an honest row, the mean over the rows of one update.</summary>
    public static float RowNorm(UpdateBuffer update)
    {
        var sum = 0f;
        for (var segment = 0; segment < update.SegmentCount; segment++)
        {
            sum += TensorPrimitives.Norm(update.SegmentValues(segment));
        }

        return sum / Math.Max(update.SegmentCount, 1);
    }

    /// <summary>An update of some rows with the weight of the honest one: what a client says it weighs is bounded elsewhere.</summary>
    /// <param name="honest">What the client would send.</param>
    /// <param name="rows">What is sent, by item.</param>
    public static ClientUpdate Of(HonestUpdate honest, IReadOnlyDictionary<int, float[]> rows)
    {
        var values = new UpdateBuffer();
        foreach (var (item, row) in rows)
        {
            row.CopyTo(values.Segment(item * row.Length, row.Length));
        }

        return honest.Update with { Values = values };
    }

    /// <summary>The honest update times a factor.</summary>
    public static ClientUpdate Times(HonestUpdate honest, float factor)
    {
        TensorPrimitives.Multiply(honest.Update.Values.Values, factor, honest.Update.Values.Values);
        return honest.Update;
    }
}
