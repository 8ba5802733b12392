namespace FedRec.Core.Data.Readers;

/// <summary>A part of a file of lines that is read as if it were all of it: its first bytes, which name the columns, and then others.</summary>
/// <param name="Head">Bytes from the beginning of the file; 0 for none.</param>
/// <param name="From">Where the others begin.</param>
/// <param name="To">Where they end; the file may be longer.</param>
public readonly record struct FilePart(int Head, long From, long To)
{
    /// <summary>Bytes that are read.</summary>
    public long Bytes => Head + To - From;
}

/// <summary>The bytes of a part, which can be read more than once.</summary>
internal sealed class FilePartStream(Stream file, FilePart part) : Stream
{
    private long _position;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => part.Bytes;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set => _position = Math.Clamp(value, 0, Length);
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        var isHead = _position < part.Head;
        var left = isHead ? part.Head - _position : Length - _position;
        file.Position = isHead ? _position : part.From + _position - part.Head;
        var read = file.Read(buffer[..(int)Math.Min(buffer.Length, left)]);
        _position += read;
        return read;
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => _position, _ => Length };

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException("A part of a file is only read.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A part of a file is only read.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            file.Dispose();
        }

        base.Dispose(disposing);
    }
}
