using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedRec.Cli;
using FedRec.Cli.Parties;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Data.Readers;
using FedRec.Integration.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>A party follows its coordinator to another address by words that the coordinator has signed, and stays in touch while nobody answers there.</summary>
public sealed class PartyConnectionTests : IDisposable
{
    private readonly ECDsa _coordinator = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _party = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _coordinator.Dispose();
        _party.Dispose();
    }

    [Fact]
    public async Task Poll_WhileNobodyAnswersAtTheNewAddress_GoesOnAtTheOldOne_AndStaysAtTheNewOneOnceItAnswers()
    {
        using var hosts = new TwoHosts(Notice(number: 1));
        using var client = Client(hosts);

        await PollAsync(client);
        Assert.Equal(("new.example.org", "old"), (client.Url.Host, hosts.Take()));
        await PollAsync(client);
        Assert.Equal(("new.example.org", "new old"), (client.Url.Host, hosts.Take())); // and is led on again
        hosts.IsThere = true;
        await PollAsync(client);
        hosts.IsThere = false;
        await Assert.ThrowsAsync<HttpRequestException>(() => PollAsync(client));

        Assert.Equal("new new", hosts.Take());
    }

    // A firewall that drops what it does not let through says nothing: the new address is given up after a while, and the old one asked.
    [Fact]
    public async Task Poll_WhileTheNewAddressDropsPackets_GoesBackToTheOldOne()
    {
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        var (waiting, place) = (new List<Socket>(), (IPEndPoint)full.LocalEndPoint!);
        while (await TakesAsync(place, waiting)) // until nobody is let in any more
        {
        }

        var (polls, notice) = (0, Notice(number: 1, to: $"http://127.0.0.1:{place.Port}/"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var old = builder.Build();
        old.Run(context =>
        {
            polls++;
            context.Response.Headers["FedRec-Moved"] = notice;
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        await old.StartAsync();
        var said = new List<string>();
        using var client = new PartyClient(Code with { Url = new Uri(old.Urls.Single()) }, _party, new ImpatientTime()) { Say = said.Add };

        await PollAsync(client);
        Assert.Equal(place.Port, client.Url.Port);
        await PollAsync(client);

        Assert.Equal(2, polls);
        waiting.ForEach(socket => socket.Dispose());

        static async Task<bool> TakesAsync(IPEndPoint place, List<Socket> waiting)
        {
            waiting.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(500)); // on its own machine, an answer comes at once or never
            try
            {
                await waiting[^1].ConnectAsync(place, limit.Token);
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    [Theory]
    [InlineData(1, true)] // signed with another key
    [InlineData(0, false)] // of before the invitation
    public async Task Poll_WithANoticeThatIsNotTheCoordinatorsOrNotNew_StaysWhereItIs(long number, bool isForged)
    {
        using var hosts = new TwoHosts(Notice(number, isForged ? _party : null)) { IsThere = true };
        using var client = Client(hosts);

        await PollAsync(client);
        await PollAsync(client);

        Assert.Equal("old old", hosts.Take());
    }

    [Theory]
    [InlineData("")]
    [InlineData("fedrec-move-1-")]
    [InlineData("fedrec-move-1-x")]
    [InlineData("fedrec-move-1-not base64!")]
    [InlineData("fedrec-move-1-MQpodHRwczovL25ldy5leGFtcGxlLm9yZy8KCiEhIQ")] // its signature is none
    public async Task Poll_WithSomethingElseThanANotice_StaysWhereItIs(string notice)
    {
        using var hosts = new TwoHosts(notice) { IsThere = true };
        using var client = Client(hosts);

        await PollAsync(client);
        await PollAsync(client);

        Assert.Equal("old old", hosts.Take());
    }

    [Fact]
    public async Task Move_IsKept_SoThatAPartyThatIsStartedAgainGoesThere()
    {
        using var files = new TemporaryFolder();
        using var hosts = new TwoHosts(Notice(number: 1)) { IsThere = true };
        var folder = PartyFolder.Create(Path.Combine(files.Path, "north"), new PartyMembership(Code, "orders.csv", new ReadingOptions()));
        using (var connection = new PartyConnection(Code, folder.ReadKey(), folder, TimeProvider.System, hosts))
        {
            using var answer = await connection.SendAsync(HttpMethod.Post, "poll", null, CancellationToken.None);
        }

        Assert.Equal(("new.example.org", 1), (PartyFolder.Open(folder.Root).Membership.Code.Url.Host, PartyFolder.Open(folder.Root).Membership.Code.Moves));
    }

    [Fact]
    public async Task Notice_GivenByHandWhileThePartyRuns_IsFollowed_OnceTheOldAddressDoesNotAnswer()
    {
        using var files = new TemporaryFolder();
        using var hosts = new TwoHosts("") { IsThere = true };
        var folder = PartyFolder.Create(Path.Combine(files.Path, "north"), new PartyMembership(Code, "orders.csv", new ReadingOptions()));
        using var connection = new PartyConnection(Code, folder.ReadKey(), folder, TimeProvider.System, hosts);

        PartyFolder.Open(folder.Root).Keep(Code.After(Notice(number: 1))!); // as 'party follow' does
        using var first = await connection.SendAsync(HttpMethod.Post, "poll", null, CancellationToken.None);
        Assert.Equal(("old", "old.example.org"), (hosts.Take(), connection.Code.Url.Host));
        hosts.IsOldThere = false;
        using var second = await connection.SendAsync(HttpMethod.Post, "poll", null, CancellationToken.None);

        Assert.Equal(("old new", "new.example.org"), (hosts.Take(), connection.Code.Url.Host));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // cut off between the coordinator and the disk
    public async Task Request_AfterTheKeyWasChangedByAnotherProcess_IsSentAgainWithTheNewOne(bool isInItsPlace)
    {
        using var files = new TemporaryFolder();
        var folder = PartyFolder.Create(Path.Combine(files.Path, "north"), new PartyMembership(Code, "orders.csv", new ReadingOptions()));
        using var door = new Door(folder.ReadKey().ExportSubjectPublicKeyInfo());
        using var connection = new PartyConnection(Code, folder.ReadKey(), folder, TimeProvider.System, door);
        using var before = await connection.SendAsync(HttpMethod.Post, "poll", null, CancellationToken.None);

        using var next = folder.ReadNextKey();
        door.Known = next.ExportSubjectPublicKeyInfo();
        if (isInItsPlace)
        {
            folder.TakeNextKey();
        }

        using var after = await connection.SendAsync(HttpMethod.Post, "poll", null, CancellationToken.None);
        using var later = await connection.SendAsync(HttpMethod.Post, "poll", null, CancellationToken.None);

        Assert.Equal((3, 1), (door.LetIn, door.Refused));
        door.Known = _party.ExportSubjectPublicKeyInfo(); // a key that the party does not have
        Assert.Equal(HttpStatusCode.Unauthorized, (await Assert.ThrowsAsync<PartyException>(() => connection.SendAsync(HttpMethod.Post, "poll", null, CancellationToken.None))).Status);
    }

    [Theory]
    [InlineData("its own", true)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", false)]
    [InlineData("", false)] // then it must be a certificate that everybody trusts
    public async Task Server_WithAnotherCertificateThanTheCodeNames_IsSentNothing(string pin, bool isAnswered)
    {
        using var files = new TemporaryFolder();
        using var certificate = CertificateIn(files);
        var requests = 0;
        await using var server = await ServeAsync(certificate, () => Interlocked.Increment(ref requests));
        var code = Code with { Url = new Uri(server.Urls.Single()), Pin = pin == "its own" ? PartyConnection.PinOf(certificate) : pin };
        using var client = new PartyClient(code, _party);

        var failure = await Record.ExceptionAsync(() => PollAsync(client));

        Assert.Equal((isAnswered, isAnswered ? 1 : 0), (failure is null, requests));
        Assert.Equal(isAnswered ? "" : "the certificate there is another one than the party goes by", failure is null ? "" : PartyConnection.Why(failure));
    }

    // The proxy passes bytes on and reads none of them: the pin is that of the coordinator.
    [Theory]
    [InlineData("its own", 1)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0)]
    public async Task Poll_ThroughAProxy_IsOverTheCoordinatorsOwnTls(string pin, int answered)
    {
        using var files = new TemporaryFolder();
        using var certificate = CertificateIn(files);
        var requests = 0;
        await using var server = await ServeAsync(certificate, () => Interlocked.Increment(ref requests));
        var code = Code with { Url = new Uri(server.Urls.Single()), Pin = pin == "its own" ? PartyConnection.PinOf(certificate) : pin };
        using var proxy = new Tunnel();
        using var handler = PartyConnection.HandlerFor(code, TimeProvider.System);
        handler.Proxy = new WebProxy(proxy.Address, BypassOnLocal: false);
        using var client = new PartyClient(code, _party, handler: handler);

        var failure = await Record.ExceptionAsync(() => PollAsync(client));

        Assert.Equal((answered, answered == 1), (requests, failure is null));
        Assert.Equal($"CONNECT {code.Url.Authority} HTTP/1.1", Assert.Single(proxy.Asked));
    }

    [Fact]
    public async Task Poll_ThatAProxyAnswers_SaysThatItIsNotTheCoordinator()
    {
        using var proxy = new AnsweringProxy();
        using var client = new PartyClient(Code, _party, handler: proxy);

        var failure = await Assert.ThrowsAsync<PartyException>(() => PollAsync(client));

        Assert.Equal((HttpStatusCode.GatewayTimeout, "The address answers with status 504, and not as a FedRec does; a proxy may be in between."), (failure.Status, failure.Message));
    }

    private static X509Certificate2 CertificateIn(TemporaryFolder files) =>
        PartyCertificate.Open(new CommandContext(CommandRun.Terminal(files.Path), CliApp.CreateRoot(CommandRun.Terminal(files.Path)).Parse(["party", "list"])));

    private static async Task<WebApplication> ServeAsync(X509Certificate2 certificate, Action asked)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var server = builder.Build();
        server.Run(context =>
        {
            asked();
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        await server.StartAsync();
        return server;
    }

    private PartyCode Code => FakeCoordinator.Code with { Url = new Uri("https://old.example.org/"), ServerKey = _coordinator.ExportSubjectPublicKeyInfo() };

    private static Task<PartyOrder?> PollAsync(PartyClient client) => client.PollAsync(TimeSpan.Zero, CancellationToken.None);

    private PartyClient Client(TwoHosts hosts) => new(Code, _party, handler: hosts);

    private string Notice(long number, ECDsa? by = null, string to = "https://new.example.org/")
    {
        var move = new PartyMove(to, "", number, default);
        return PartyMoves.Write(move with { Signature = PartyKeys.Sign(by ?? _coordinator, PartyStatements.OfMove(FakeCoordinator.Code.Federation, FakeCoordinator.Code.Server, move)) });
    }

    /// <summary>The system's time, by which the second connection is given up at once.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        private int _connections;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == PartyConnection.Connecting && Interlocked.Increment(ref _connections) == 2 ? TimeSpan.Zero : dueTime, period);
    }

    private sealed class TwoHosts(string notice) : HttpMessageHandler
    {
        private readonly List<string> _asked = [];

        /// <summary>Whether somebody answers at the new address.</summary>
        public bool IsThere { get; set; }

        /// <summary>Whether somebody still answers at the old one.</summary>
        public bool IsOldThere { get; set; } = true;

        /// <summary>Who was asked since this was asked last.</summary>
        public string Take()
        {
            var all = string.Join(' ', _asked);
            _asked.Clear();
            return all;
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            _asked.Add(request.RequestUri!.Host.Split('.')[0]);
            return !(_asked[^1] == "new" ? IsThere : IsOldThere) ? throw new HttpRequestException("Nobody is there.")
                : Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent) { Headers = { { "FedRec-Moved", notice } } });
        }
    }

    private sealed class AnsweringProxy : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.GatewayTimeout) { Content = new StringContent("<html>upstream timed out</html>", System.Text.Encoding.UTF8, "text/html") });
    }

    /// <summary>A proxy that connects whom it is asked to.</summary>
    private sealed class Tunnel : IDisposable
    {
        private readonly TcpListener _door = new(IPAddress.Loopback, 0);

        public Tunnel()
        {
            _door.Start();
            _ = AcceptAsync();
        }

        public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_door.LocalEndpoint).Port}/");

        /// <summary>First lines of what was asked of it.</summary>
        public ConcurrentQueue<string> Asked { get; } = [];

        public void Dispose() => _door.Dispose();

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    _ = PassOnAsync(await _door.AcceptTcpClientAsync());
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // it has ended
            }
        }

        private async Task PassOnAsync(TcpClient from)
        {
            using var near = from;
            using var far = new TcpClient();
            var (head, block) = (new System.Text.StringBuilder(), new byte[4_096]);
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                head.Append(System.Text.Encoding.Latin1.GetString(block, 0, await near.GetStream().ReadAsync(block)));
            }

            Asked.Enqueue(head.ToString().Split('\r')[0]);
            var to = new Uri($"https://{head.ToString().Split(' ')[1]}");
            await far.ConnectAsync(to.Host, to.Port);
            await near.GetStream().WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
            await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream()), far.GetStream().CopyToAsync(near.GetStream()));
        }
    }

    /// <summary>Lets in whose token a key has signed.</summary>
    private sealed class Door(byte[] known) : HttpMessageHandler
    {
        public byte[] Known { get; set; } = known;

        public int LetIn { get; private set; }

        public int Refused { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var token = request.Headers.Authorization!.Parameter!;
            var end = token.LastIndexOf('.');
            var isKnown = PartyKeys.IsSigned(Known, System.Text.Encoding.ASCII.GetBytes(token[..end]), System.Buffers.Text.Base64Url.DecodeFromChars(token.AsSpan(end + 1)));
            (LetIn, Refused) = isKnown ? (LetIn + 1, Refused) : (LetIn, Refused + 1);
            return Task.FromResult(new HttpResponseMessage(isKnown ? HttpStatusCode.NoContent : HttpStatusCode.Unauthorized));
        }
    }
}
