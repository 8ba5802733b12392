using System.Buffers.Binary;

namespace FedRec.Core.Data.Readers;

/// <summary>What a file holds, read once from its start; a damaged archive is told as such, wherever in it the damage is.</summary>
/// <param name="file">For errors.</param>
/// <param name="content">The bytes, unpacked.</param>
/// <param name="stored">The bytes as they are stored; closed with this.</param>
/// <param name="isGzip">Whether the content was packed with gzip.</param>
internal sealed class UnpackedStream(string file, Stream content, Stream stored, bool isGzip) : Stream
{
    private long _given;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The error of an archive that cannot be unpacked.</summary>
    public static DatasetException Damaged(string file, Exception inner) => new("The compressed file is damaged or cut off.", "Copy or download it again, or unpack it first.", file, inner: inner);

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            var read = content.Read(buffer);
            _given += read;
            return read > 0 || buffer.IsEmpty || !isGzip || GzipEnd.IsReached(stored, _given) ? read : throw new InvalidDataException("The file ends before its content does.");
        }
        catch (InvalidDataException e)
        {
            throw Damaged(file, e);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
        // nothing is written
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Dispose();
            stored.Dispose();
        }

        base.Dispose(disposing);
    }
}

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
