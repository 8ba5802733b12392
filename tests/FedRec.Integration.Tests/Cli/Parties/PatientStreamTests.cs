using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using FedRec.Cli.Parties;
using FedRec.Contracts.RemoteParties;
using FedRec.Integration.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>Where a machine slept, or a network went away, nobody ends the connection: a party does not wait for ever on it.</summary>
public sealed class PatientStreamTests : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly TcpListener _door = new(IPAddress.Loopback, 0);
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly CancellationTokenSource _limit = new(FedRecProcess.Limit);

    public PatientStreamTests() => _door.Start();

    public void Dispose()
    {
        _door.Dispose();
        _key.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task Download_WhoseConnectionFallsSilent_GoesOnWhereItEnded()
    {
        var content = RandomNumberGenerator.GetBytes(100);
        using var client = Client();
        var fetching = client.FetchAsync(PartyStatements.Sha256(content), _limit.Token);

        using var silent = await AnswerAsync("200 OK", [.. content[..60]], length: 100);
        using var second = await PassTimeUntilAsync(AnswerAsync("206 Partial Content", [.. content[60..]], length: 40));

        Assert.Contains("Range: bytes=60-", second.Request, StringComparison.Ordinal);
        Assert.Equal(content, await fetching.WaitAsync(_limit.Token));
    }

    [Fact]
    public async Task Poll_ThatIsNotAnsweredAtAll_EndsAndSaysSo()
    {
        using var client = Client();
        var polling = client.PollAsync(PartyLimits.PollWait, _limit.Token);
        using var silent = await ReadAsync();

        var failure = await PassTimeUntilAsync(Assert.ThrowsAnyAsync<HttpRequestException>(() => polling));

        Assert.Equal("nothing came or went for 85 s", PartyConnection.Why(failure));
    }

    // An answer is waited for from the first byte of an upload on, however slow the line is.
    [Fact]
    public async Task Read_WhileSomethingGoes_WaitsOn_AndEndsOnceNothingDoes()
    {
        using var near = new TcpClient();
        await near.ConnectAsync((IPEndPoint)_door.LocalEndpoint, _limit.Token);
        using var far = await _door.AcceptTcpClientAsync(_limit.Token);
        await using var stream = new PatientStream(near.GetStream(), TimeSpan.FromSeconds(85), _time);
        var reading = stream.ReadAsync(new byte[1], _limit.Token).AsTask();
        for (var minute = 0; minute < 10; minute++)
        {
            await stream.WriteAsync(new byte[100_000], _limit.Token);
            await far.GetStream().ReadExactlyAsync(new byte[100_000], _limit.Token);
            _time.Advance(TimeSpan.FromSeconds(60));
        }

        Assert.False(reading.IsCompleted);
        Assert.Equal("nothing came or went for 85 s", (await PassTimeUntilAsync(Assert.ThrowsAsync<IOException>(() => reading))).Message);
    }

    private PartyClient Client() => new(FakeCoordinator.Code with { Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_door.LocalEndpoint).Port}/") }, _key, _time);

    private async Task<T> PassTimeUntilAsync<T>(Task<T> done)
    {
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!done.IsCompleted && await again.WaitForNextTickAsync(_limit.Token))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        return await done;
    }

    private async Task<Heard> ReadAsync()
    {
        var connection = await _door.AcceptTcpClientAsync(_limit.Token);
        var (request, block) = (new StringBuilder(), new byte[4_096]);
        while (!request.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            request.Append(Encoding.Latin1.GetString(block, 0, await connection.GetStream().ReadAsync(block, _limit.Token)));
        }

        return new Heard(connection, request.ToString());
    }

    private async Task<Heard> AnswerAsync(string status, byte[] body, int length)
    {
        var heard = await ReadAsync();
        await heard.Connection.GetStream().WriteAsync((byte[])[.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n"), .. body], _limit.Token);
        return heard;
    }

    private sealed record Heard(TcpClient Connection, string Request) : IDisposable
    {
        public void Dispose() => Connection.Dispose();
    }
}
