using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace FedRec.Core.Models.NeuralCollaborativeFiltering;

/// <summary>Moves numbers between managed memory and tensors with one copy.</summary>
internal static class HostTensors
{
    /// <summary>The values of a contiguous float tensor, in place; valid while the tensor lives.</summary>
    public static Span<float> Values(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    /// <summary>A matrix with the given values.</summary>
    public static Tensor Matrix(ReadOnlySpan<float> values, int columns)
    {
        var result = empty(values.Length / columns, columns);
        values.CopyTo(Values(result));
        return result;
    }

    /// <summary>Row numbers as torch wants them.</summary>
    public static Tensor Rows(ReadOnlySpan<int> rows)
    {
        var result = empty(rows.Length, dtype: ScalarType.Int64);
        var target = MemoryMarshal.Cast<byte, long>(result.bytes);
        for (var i = 0; i < rows.Length; i++)
        {
            target[i] = rows[i];
        }

        return result;
    }
}
