using System.Net;
using System.Net.Sockets;
using System.Text;
using FedRec.Cli.Serving;

namespace FedRec.Integration.Tests.Cli.Serving;

/// <summary>The generator's own HTTP: what it sends, and where it takes an answer to end.</summary>
public sealed class HttpLaneTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Uri _server;

    public HttpLaneTests()
    {
        _listener.Start();
        _server = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/fedrec");
    }

    public void Dispose() => _listener.Dispose();

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n|{\"version\":7}", 200, 7, "{\"version\":7}")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"ver\r\n|8\r\nsion\":7}\r\n0\r\n\r\n", 200, 7, "{\"version\":7}")]
    [InlineData("HTTP/1.1 20|0 OK\r\nTransfer-Encoding: chunked\r|\n\r\nd\r\n{\"version\":7}\r|\n0\r\n|\r\n", 200, 7, "{\"version\":7}")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204, 0, "")]
    [InlineData("HTTP/1.1 503 Away\r\nContent-Length: 2\r\n\r\n{}", 503, 0, "{}")]
    public async Task Send_ReadsAnAnswerToItsEnd_InWhateverPiecesItComes(string answer, int status, long version, string body)
    {
        var serving = ServeAsync([answer.Split('|'), answer.Split('|')]);
        using var lane = new HttpLane(_server);
        var request = HttpLane.Request(_server, "GET", "/fedrec/api/v1/models", "a-key");

        var (first, read) = (lane.Send(request), Encoding.UTF8.GetString(lane.Body));
        var second = lane.Send(request); // over the same connection: nothing of the first is left in it
        lane.Dispose();

        Assert.Equal((new Reply(status, version), body), (first, read));
        Assert.Equal(first, second);
        var sent = await serving;
        Assert.Equal(2, sent.Count);
        Assert.All(sent, one => Assert.Equal($"GET /fedrec/api/v1/models HTTP/1.1\r\nHost: {_server.Authority}\r\nAuthorization: Bearer a-key\r\n\r\n", one));
    }

    [Fact]
    public async Task Send_WhenTheServerHangsUp_SaysThatNothingCame_AndGoesOnOverANewConnection()
    {
        var serving = ServeAsync([["HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"ver"]]);
        using var lane = new HttpLane(_server);
        var request = HttpLane.Request(_server, "POST", "/x", null, """{"user":"ü"}""");

        var cut = lane.Send(request);
        var sent = await serving;
        serving = ServeAsync([["HTTP/1.1 204 No Content\r\n\r\n"]]);
        var next = lane.Send(request);

        Assert.Equal((default, 204), (cut, next.Status));
        Assert.EndsWith("Content-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"user\":\"ü\"}", Assert.Single(sent), StringComparison.Ordinal);
        await serving;
    }

    [Fact]
    public void Send_WhereNobodyListens_SaysThatNothingCame()
    {
        _listener.Stop();
        using var lane = new HttpLane(_server);

        Assert.Equal(default, lane.Send(HttpLane.Request(_server, "GET", "/", null)));
    }

    // One connection: for each request an answer in pieces, then its end.
    private async Task<IReadOnlyList<string>> ServeAsync(string[][] answers)
    {
        using var client = await _listener.AcceptTcpClientAsync();
        client.NoDelay = true;
        var (stream, requests, buffer) = (client.GetStream(), new List<string>(), new byte[4096]);
        foreach (var pieces in answers)
        {
            requests.Add(Encoding.UTF8.GetString(buffer, 0, await stream.ReadAsync(buffer)));
            foreach (var piece in pieces)
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes(piece));
            }
        }

        return requests;
    }
}
