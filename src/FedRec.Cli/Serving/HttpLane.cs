using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace FedRec.Cli.Serving;

/// <summary>One connection of HTTP/1.1 that is kept open, and asked for one thing at a time by a thread that waits.</summary>
/// <remarks>Requests are bytes that were made before, and of an answer no more is read than where it ends: a load takes a few microseconds of the processors that it
/// shares with the server. After a failure the next request goes over a new connection.</remarks>
internal sealed class HttpLane(Uri server) : IDisposable
{
    private const int Timeout = 30_000;
    private Stream? _stream;
    private byte[] _buffer = new byte[16 << 10];
    private (int From, int To) _body;

    /// <summary>The last answer's body; until the next request.</summary>
    public ReadOnlySpan<byte> Body => _buffer.AsSpan(_body.From.._body.To);

    /// <summary>The bytes of a request.</summary>
    /// <param name="server">Where the API is.</param>
    /// <param name="method">Such as GET.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="key">Says who asks; null where nobody is asked.</param>
    /// <param name="json">The body; null for none.</param>
    public static byte[] Request(Uri server, string method, string path, string? key, string? json = null)
    {
        var body = json is null ? "" : $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n";
        var length = method != "GET" && json is null ? "Content-Length: 0\r\n" : "";
        return Encoding.UTF8.GetBytes($"{method} {path} HTTP/1.1\r\nHost: {server.Authority}\r\n{(key is null ? "" : $"Authorization: Bearer {key}\r\n")}{body}{length}\r\n{json}");
    }

    /// <summary>Sends a request and reads its answer; without one the status is 0.</summary>
    public Reply Send(byte[] request)
    {
        _body = default;
        try
        {
            _stream ??= Connect();
            _stream.Write(request);
            var status = Read(_stream);
            return new Reply(status, VersionIn(Body));
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidDataException or System.Security.Authentication.AuthenticationException)
        {
            Dispose(); // counted by the caller as a request that failed
            return default;
        }
    }

    public void Dispose()
    {
        _stream?.Dispose();
        _stream = null;
    }

    private Stream Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = Timeout, SendTimeout = Timeout };
        try
        {
            socket.Connect(server.DnsSafeHost, server.Port);
            var plain = new NetworkStream(socket, ownsSocket: true);
            if (server.Scheme != Uri.UriSchemeHttps)
            {
                return plain;
            }

            var secured = new SslStream(plain);
            secured.AuthenticateAsClient(server.DnsSafeHost);
            return secured;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private int Read(Stream stream)
    {
        var (count, head) = (0, -1);
        while (head < 0)
        {
            count += More(stream, count);
            head = _buffer.AsSpan(0, count).IndexOf("\r\n\r\n"u8);
        }

        var headers = _buffer.AsSpan(0, head + 2);
        var status = headers.StartsWith("HTTP/1.1 "u8) && int.TryParse(headers[9..12], CultureInfo.InvariantCulture, out var code) ? code : throw new InvalidDataException("This is no HTTP/1.1.");
        var from = head + 4;
        if (Header(headers, "content-length:"u8) is { IsEmpty: false } length)
        {
            var end = from + int.Parse(length, CultureInfo.InvariantCulture);
            while (count < end)
            {
                count += More(stream, count);
            }

            _body = (from, end);
        }
        else if (!Header(headers, "transfer-encoding:"u8).IsEmpty)
        {
            _body = (from, ReadChunks(stream, from, count));
        }
        else
        {
            _body = (from, from); // 204 and its like
        }

        return status;
    }

    // Each chunk has its length before it in hexadecimal, and the last one is empty; what they hold is put together in place.
    private int ReadChunks(Stream stream, int start, int count)
    {
        for (var (end, next) = (start, start); ;)
        {
            var line = _buffer.AsSpan(next, count - next).IndexOf("\r\n"u8);
            if (line < 0)
            {
                count += More(stream, count);
                continue;
            }

            var size = int.Parse(_buffer.AsSpan(next, line), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var from = next + line + 2;
            next = from + size + 2;
            while (count < next)
            {
                count += More(stream, count);
            }

            _buffer.AsSpan(from, size).CopyTo(_buffer.AsSpan(end));
            end += size;
            if (size == 0)
            {
                return end;
            }
        }
    }

    private int More(Stream stream, int count)
    {
        if (count == _buffer.Length)
        {
            Array.Resize(ref _buffer, 2 * count);
        }

        return stream.Read(_buffer, count, _buffer.Length - count) is > 0 and var read ? read : throw new IOException("The server has hung up.");
    }

    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> name)
    {
        for (var rest = headers; rest.IndexOf("\r\n"u8) is >= 0 and var end; rest = rest[(end + 2)..])
        {
            if (end >= name.Length && Ascii.EqualsIgnoreCase(rest[..name.Length], name))
            {
                return rest[name.Length..end].Trim((byte)' ');
            }
        }

        return default;
    }

    private static long VersionIn(ReadOnlySpan<byte> body)
    {
        var name = "\"version\":"u8;
        var place = body.IndexOf(name);
        return place >= 0 && System.Buffers.Text.Utf8Parser.TryParse(body[(place + name.Length)..], out long version, out _) ? version : 0;
    }
}
