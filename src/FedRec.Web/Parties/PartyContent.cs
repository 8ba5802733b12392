using FedRec.Contracts.RemoteParties;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace FedRec.Web.Parties;

/// <summary>Gives a party what its orders name, part by part; a download that was cut off goes on where it ended (ranges).</summary>
internal sealed class PartyContent : Stream
{
    private readonly IPartyGrain _party;
    private readonly string _sha256;
    private ReadOnlyMemory<byte> _part;
    private long _partStart;
    private long _position;

    private PartyContent(IPartyGrain party, string sha256, long length) => (_party, _sha256, Length) = (party, sha256, length);

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position { get => _position; set => Seek(value, SeekOrigin.Begin); }

    public static async Task<FileStreamHttpResult> DownloadAsync(string federation, string party, string sha256, HttpContext context, CancellationToken cancellationToken)
    {
        _ = (federation, party); // in the address
        var twin = PartyGate.PartyOf(context);
        var whole = await twin.ReadAsync(sha256, 0, 0, cancellationToken)
            ?? throw ProblemException.NotFound("Nothing of that hash", "No order that the party has now names this hash: the round may be over. Poll for what is asked now.");
        return TypedResults.Stream(new PartyContent(twin, sha256, whole.TotalBytes), "application/octet-stream", enableRangeProcessing: true, entityTag: new EntityTagHeaderValue($"\"{sha256}\""));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= Length || buffer.IsEmpty)
        {
            return 0;
        }

        if (_position < _partStart || _position >= _partStart + _part.Length)
        {
            var next = await _party.ReadAsync(_sha256, _position, PartyLimits.BlockBytes, cancellationToken);
            _part = next is { Bytes.IsEmpty: false } ? next.Bytes : throw new IOException($"What was read is not offered any more at byte {_position} of {Length}."); // its round is over
            _partStart = _position;
        }

        var rest = _part[(int)(_position - _partStart)..];
        var count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

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
