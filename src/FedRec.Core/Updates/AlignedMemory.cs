using System.Runtime.CompilerServices;

namespace FedRec.Core.Updates;

/// <summary>Managed float32 memory that begins at a cache line: a vector that straddles two lines costs two accesses.</summary>
/// <remarks>The array is pinned when it is made, so it stays where it is; the collector frees it like any other.</remarks>
internal sealed class AlignedMemory
{
    private const int Line = 16; // values of 4 bytes in 64 bytes
    private readonly float[] _array;
    private readonly int _first;

    /// <summary>Makes memory with undefined content.</summary>
    /// <param name="length">Number of values.</param>
    public unsafe AlignedMemory(int length)
    {
        Length = length;
        _array = GC.AllocateUninitializedArray<float>(length + Line - 1, pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref _array[0]) / sizeof(float);
        _first = (int)((Line - (address % Line)) % Line);
    }

    /// <summary>Number of values.</summary>
    public int Length { get; }

    /// <summary>The memory.</summary>
    public Span<float> Span => _array.AsSpan(_first, Length);
}
