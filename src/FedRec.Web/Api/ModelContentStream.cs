using FedRec.Contracts.Models;

namespace FedRec.Web.Api;

/// <summary>Reads a version's tensors from the model grain slice by slice, so that memory does not grow with the model.</summary>
internal sealed class ModelContentStream : Stream
{
    private const int SliceBytes = 4 << 20; // each slice is a grain call; the contract allows 16 MiB

    private readonly IModelGrain _model;
    private readonly long _version;
    private ReadOnlyMemory<byte> _slice;
    private long _sliceStart;
    private long _position;

    private ModelContentStream(IModelGrain model, long version, ContentSlice first)
    {
        (_model, _version, _slice, Length) = (model, version, first.Bytes, first.TotalBytes);
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position { get => _position; set => Seek(value, SeekOrigin.Begin); }

    /// <summary>Reads the first slice; null when there is no such version.</summary>
    public static async Task<ModelContentStream?> OpenAsync(IModelGrain model, long version, CancellationToken cancellationToken)
    {
        var first = await model.ReadContentAsync(version, 0, SliceBytes, cancellationToken);
        return first is null ? null : new ModelContentStream(model, version, first);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= Length || buffer.IsEmpty)
        {
            return 0;
        }

        if (_position < _sliceStart || _position >= _sliceStart + _slice.Length)
        {
            var next = await _model.ReadContentAsync(_version, _position, SliceBytes, cancellationToken);
            _slice = next is { Bytes.IsEmpty: false } ? next.Bytes
                : throw new IOException($"Model version {_version} ended at byte {_position} of {Length}."); // retired while it was read
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
