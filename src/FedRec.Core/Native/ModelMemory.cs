using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FedRec.Core.Native;

/// <summary>Arrays of the size of a model or of a sum that are used again: every round needs a few, and fresh ones cost the collector more than the arithmetic in them.</summary>
/// <remarks>Of exactly the length asked for, so that any array can be given back, wherever it was made. Giving one back is never needed, and a mistake where
/// somebody may still read it. Process-wide and thread-safe. What is kept is bounded: <see cref="MostKept"/> bytes in all.</remarks>
public static class ModelMemory
{
    /// <summary>Bytes kept in all: 64 MB. An array of more than a quarter of them is not kept.</summary>
    public const long MostKept = 1 << 26;

    private static readonly ConcurrentDictionary<(Type Element, int Length), ConcurrentStack<Array>> s_kept = new();
    private static long s_bytes;

    /// <summary>Bytes kept now.</summary>
    public static long Kept => Volatile.Read(ref s_bytes);

    /// <summary>An array with undefined content.</summary>
    /// <param name="length">Values, exactly.</param>
    public static T[] Rent<T>(int length)
        where T : unmanaged
    {
        if (s_kept.TryGetValue((typeof(T), length), out var kept) && kept.TryPop(out var array))
        {
            Interlocked.Add(ref s_bytes, -BytesOf<T>(length));
            return (T[])array;
        }

        return GC.AllocateUninitializedArray<T>(length);
    }

    /// <summary>An array of zeros.</summary>
    /// <param name="length">Values, exactly.</param>
    public static T[] RentZeros<T>(int length)
        where T : unmanaged
    {
        var array = Rent<T>(length);
        array.AsSpan().Clear();
        return array;
    }

    /// <summary>Gives an array back that nobody reads or writes any more.</summary>
    public static void Return<T>(T[] array)
        where T : unmanaged
    {
        var bytes = BytesOf<T>(array.Length);
        if (bytes is 0 or > MostKept / 4)
        {
            return;
        }

        if (Interlocked.Add(ref s_bytes, bytes) > MostKept)
        {
            Interlocked.Add(ref s_bytes, -bytes);
            return;
        }

        s_kept.GetOrAdd((typeof(T), array.Length), _ => new()).Push(array);
    }

    /// <summary>Gives back the array of a memory, where it is a whole one.</summary>
    public static void Return<T>(ReadOnlyMemory<T> memory)
        where T : unmanaged
    {
        if (MemoryMarshal.TryGetArray(memory, out var segment) && segment.Array is { } array && array.Length == segment.Count)
        {
            Return(array);
        }
    }

    private static long BytesOf<T>(int length) => (long)length * Unsafe.SizeOf<T>();
}
