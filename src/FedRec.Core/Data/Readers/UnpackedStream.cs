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
