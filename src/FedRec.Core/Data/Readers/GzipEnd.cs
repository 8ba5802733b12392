using System.Buffers.Binary;

namespace FedRec.Core.Data.Readers;

/// <summary>Tells whether a gzip file was cut off, which the library takes for its end.</summary>
/// <remarks>The last four bytes are the unpacked length modulo 2³² (RFC 1952). A file that was packed in several parts has only that of its
/// last one there, and cannot be checked so.</remarks>
internal static class GzipEnd
{
    private static readonly byte[] s_part = [0x1F, 0x8B, 0x08];

    /// <summary>Whether the stored bytes end where their content does.</summary>
    /// <param name="stored">The file.</param>
    /// <param name="unpacked">Bytes that it gave.</param>
    public static bool IsReached(Stream stored, long unpacked)
    {
        Span<byte> length = stackalloc byte[4];
        stored.Position = Math.Max(0, stored.Length - length.Length);
        return stored.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) == length.Length
            && (BinaryPrimitives.ReadUInt32LittleEndian(length) == (uint)unpacked || HasParts(stored));
    }

    private static bool HasParts(Stream stored)
    {
        var (block, kept) = (new byte[1 << 16], 0);
        stored.Position = 1; // behind the start of the first part
        for (int read; (read = stored.Read(block, kept, block.Length - kept)) > 0;)
        {
            var filled = block.AsSpan(0, kept + read);
            if (filled.IndexOf(s_part) >= 0)
            {
                return true;
            }

            kept = Math.Min(s_part.Length - 1, filled.Length);
            filled[^kept..].CopyTo(block);
        }

        return false;
    }
}
