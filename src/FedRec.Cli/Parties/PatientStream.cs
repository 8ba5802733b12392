namespace FedRec.Cli.Parties;

/// <summary>A connection on which nothing comes or goes for a while has ended: where a machine slept, or a network went away, nobody says so, and a read would wait for ever.</summary>
/// <param name="inner">The connection; disposed of with this.</param>
/// <param name="patience">How long a read, or a write of 64 KB, may take.</param>
/// <param name="time">Says how long that is.</param>
internal sealed class PatientStream(Stream inner, TimeSpan patience, TimeProvider time) : Stream
{
    private const int BlockBytes = 64 << 10;
    private long _written; // when something went last

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    /// <exception cref="IOException">Nothing came, and nothing went.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var began = time.GetTimestamp();
            try
            {
                return await WithinAsync(end => inner.ReadAsync(buffer, end), cancellationToken);
            }
            catch (IOException) when (Volatile.Read(ref _written) > began)
            {
                // Something went meanwhile: an answer is waited for from the first byte of an upload on.
            }
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    /// <exception cref="IOException">Nothing went.</exception>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (var from = 0; from < buffer.Length; from += BlockBytes) // each has its own time: all of an update takes as long as the line is slow
        {
            var block = buffer.Slice(from, Math.Min(BlockBytes, buffer.Length - from));
            await WithinAsync(async end =>
            {
                await inner.WriteAsync(block, end);
                return 0;
            }, cancellationToken);
            Volatile.Write(ref _written, time.GetTimestamp());
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> WithinAsync(Func<CancellationToken, ValueTask<int>> work, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await work(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"nothing came or went for {patience.TotalSeconds:N0} s");
        }
    }
}
