using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace FedRec.Core.Learners.Networks;

/// <summary>Moves numbers between managed memory and tensors with one copy.</summary>
internal static class HostTensors
{
    private static readonly Scalar s_one = 1;
    private static readonly Scalar s_minusOne = -1;

    /// <summary>left + right.</summary>
    /// <remarks>Not the operator: it makes a native number 1 that nothing refers to, and the garbage collector may free that number while
    /// torch still reads it. The same goes for <c>square</c> and for every plain number handed to torch.</remarks>
    public static Tensor Add(Tensor left, Tensor right) => left.add(right, s_one);

    /// <summary>left − right; see <see cref="Add"/>.</summary>
    public static Tensor Subtract(Tensor left, Tensor right) => left.add(right, s_minusOne);

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
