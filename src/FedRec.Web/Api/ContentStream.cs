using FedRec.Contracts.Models;

namespace FedRec.Web.Api;

/// <summary>Reads what a grain has slice by slice, so that memory does not grow with it.</summary>
/// <param name="what">What it is, for an error.</param>
/// <param name="first">What was read of its beginning already, which tells how long it is; may be empty.</param>
/// <param name="read">Reads from an offset on: some bytes, or none where it is not there any more.</param>
internal sealed class ContentStream(string what, ContentSlice first, Func<long, CancellationToken, Task<ContentSlice?>> read) : Stream
{
    private ReadOnlyMemory<byte> _slice = first.Bytes;
    private long _sliceStart;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; } = first.TotalBytes;

    public override long Position { get => _position; set => Seek(value, SeekOrigin.Begin); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= Length || buffer.IsEmpty)
        {
            return 0;
        }

        if (_position < _sliceStart || _position >= _sliceStart + _slice.Length)
        {
            var next = await read(_position, cancellationToken);
            _slice = next is { Bytes.IsEmpty: false } ? next.Bytes : throw new IOException($"{what} ended at byte {_position} of {Length}."); // gone while it was read
            _sliceStart = _position;
        }

        var rest = _slice[(int)(_position - _sliceStart)..];
        var count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin)
    {
        var from = origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => _position, _ => Length };
        ArgumentOutOfRangeException.ThrowIfNegative(from + offset, nameof(offset));
        return _position = from + offset;
    }

    public override void Flush()
    {
        // Nothing is written.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Grains are read asynchronously.");

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
