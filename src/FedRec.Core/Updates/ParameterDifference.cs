using System.Buffers;
using System.Runtime.InteropServices;
using ZstdSharp;

namespace FedRec.Core.Updates;

/// <summary>What must be changed in one parameter vector to get another of the same length, bit by bit; for who holds the one and wants the other.</summary>
/// <remarks>The bits of both, exclusive or: zero where a value is the same, and small where it is close, since sign, exponent and the first digits are. All highest bytes stand first, then
/// the next ones and so on, so that zeros are together, and all of it goes through Zstandard (RFC 8878). Applied to the first vector it gives the second with all its bits, NaN and −0 too.</remarks>
public static class ParameterDifference
{
    [ThreadStatic]
    private static Compressor? s_compressor; // a megabyte of tables; ended with its thread

    /// <summary>Packs the difference.</summary>
    /// <param name="from">What the receiver holds.</param>
    /// <param name="to">What the receiver wants; of the same length.</param>
    /// <returns>The packed difference; null where it is not smaller than <paramref name="to"/> itself.</returns>
    /// <exception cref="ArgumentException">They are not of the same length.</exception>
    public static byte[]? Pack(ReadOnlySpan<float> from, ReadOnlySpan<float> to)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(from.Length, to.Length);
        var (count, rented) = (to.Length, ArrayPool<byte>.Shared.Rent(checked(sizeof(uint) * to.Length)));
        try
        {
            var planes = rented.AsSpan(0, sizeof(uint) * count);
            var before = MemoryMarshal.Cast<float, uint>(from);
            var after = MemoryMarshal.Cast<float, uint>(to);
            for (var i = 0; i < count; i++)
            {
                var bits = before[i] ^ after[i];
                planes[i] = (byte)(bits >> 24);
                planes[count + i] = (byte)(bits >> 16);
                planes[(2 * count) + i] = (byte)(bits >> 8);
                planes[(3 * count) + i] = (byte)bits;
            }

            var packed = (s_compressor ??= new Compressor(level: 1)).Wrap(planes);
            return packed.Length < planes.Length ? packed.ToArray() : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Makes the second vector of the first.</summary>
    /// <param name="from">What <see cref="Pack"/> was given first.</param>
    /// <param name="difference">What it returned.</param>
    /// <returns>The second vector.</returns>
    /// <exception cref="InvalidDataException">The difference is damaged, or of vectors of another length.</exception>
    public static float[] Apply(ReadOnlySpan<float> from, ReadOnlySpan<byte> difference)
    {
        var (count, rented) = (from.Length, ArrayPool<byte>.Shared.Rent(checked(sizeof(uint) * from.Length)));
        try
        {
            var planes = rented.AsSpan(0, sizeof(uint) * count);
            Unpack(difference, planes);
            var to = new float[count];
            var before = MemoryMarshal.Cast<float, uint>(from);
            var after = MemoryMarshal.Cast<float, uint>(to.AsSpan());
            for (var i = 0; i < count; i++)
            {
                after[i] = before[i] ^ (((uint)planes[i] << 24) | ((uint)planes[count + i] << 16) | ((uint)planes[(2 * count) + i] << 8) | planes[(3 * count) + i]);
            }

            return to;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static void Unpack(ReadOnlySpan<byte> difference, Span<byte> planes)
    {
        var isWhole = false;
        try
        {
            using var decompressor = new Decompressor();
            isWhole = decompressor.TryUnwrap(difference, planes, out var written) && written == planes.Length;
        }
        catch (ZstdException e)
        {
            throw new InvalidDataException($"A difference of {difference.Length} bytes cannot be unpacked: {e.Message}", e);
        }

        if (!isWhole)
        {
            throw new InvalidDataException($"A difference of {difference.Length} bytes is not one of {planes.Length / sizeof(float)} parameters.");
        }
    }
}
