using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using FedRec.Cli.Configuration;
using FedRec.Cli.Hosting;
using FedRec.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>The front end of a <see cref="RealWeb"/> once more, with the web server as the program has it, but over connections in memory: all of a request's way but the socket, at a tenth of its price.</summary>
/// <remarks>A request is bytes, so that its lengths can lie; each has a connection of its own, which may come from any address.</remarks>
internal sealed class MemoryWeb : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Transport _transport;

    private MemoryWeb(WebApplication app, Transport transport) => (_app, _transport) = (app, transport);

    public static async Task<MemoryWeb> StartAsync(RealWeb web)
    {
        var (builder, transport) = (WebApplication.CreateSlimBuilder(), new Transport());
        WebFrontEnd.Listen(builder, new WebOptions(), port: 0);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IConnectionListenerFactory>(transport); // the last one is taken
        builder.Services.AddSingleton(web.Grains).AddSingleton<IStartupFilter, ShortAddresses>().AddFedRecWeb();
        var app = builder.Build();
        app.MapFedRec(ShortAddresses.Prefix);
        await app.StartAsync();
        return new MemoryWeb(app, transport);
    }

    /// <summary>Sends a request that asks for the end of the connection after its answer.</summary>
    /// <param name="request">All of its bytes.</param>
    /// <param name="isCut">Whether the connection ends with them, and not with the answer.</param>
    /// <param name="from">The address it comes from.</param>
    /// <returns>The answer as it came; empty where there was none.</returns>
    public async Task<byte[]> SendAsync(ReadOnlyMemory<byte> request, bool isCut, IPAddress from)
    {
        var (sent, answer) = (new Pipe(Transport.Unlimited), new Pipe(Transport.Unlimited));
        await sent.Writer.WriteAsync(request);
        if (isCut)
        {
            await sent.Writer.CompleteAsync();
        }

        await _transport.Connections.Writer.WriteAsync(new Connection(new Duplex(sent.Reader, answer.Writer), new Duplex(answer.Reader, sent.Writer))
        {
            LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 80),
            RemoteEndPoint = new IPEndPoint(from, 50_000),
        });
        while (true)
        {
            var read = await answer.Reader.ReadAsync();
            var all = read.Buffer.ToArray();
            if (read.IsCompleted || read.IsCanceled || IsWhole(all)) // the server goes on to read what a request has announced, and nobody has asked for
            {
                await answer.Reader.CompleteAsync();
                await sent.Writer.CompleteAsync();
                return all;
            }

            answer.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>The status of an answer; 0 where there was none.</summary>
    public static int StatusOf(ReadOnlySpan<byte> answer) => answer.StartsWith("HTTP/1.1 "u8) ? int.Parse(answer.Slice(9, 3), CultureInfo.InvariantCulture) : 0;

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8) + 4;
        if (head < 4)
        {
            return false;
        }

        var name = "\r\nContent-Length: "u8;
        var at = answer[..head].IndexOf(name);
        return answer[..head].IndexOf("\r\nTransfer-Encoding: chunked"u8) >= 0 ? answer.EndsWith("\r\n0\r\n\r\n"u8)
            : at < 0 || !Utf8Parser.TryParse(answer[(at + name.Length)..], out int length, out _) || answer.Length >= head + length;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private sealed class Transport : IConnectionListenerFactory, IConnectionListener
    {
        public static readonly PipeOptions Unlimited = new(pauseWriterThreshold: 0, useSynchronizationContext: false);

        public Channel<ConnectionContext> Connections { get; } = Channel.CreateUnbounded<ConnectionContext>();

        public EndPoint EndPoint { get; private set; } = null!;

        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        {
            EndPoint = endpoint;
            return ValueTask.FromResult<IConnectionListener>(this);
        }

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await Connections.Reader.WaitToReadAsync(cancellationToken) && Connections.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            Connections.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }

    private sealed class Connection(IDuplexPipe transport, IDuplexPipe application) : DefaultConnectionContext(Guid.NewGuid().ToString("N"), transport, application)
    {
        public override void Abort(ConnectionAbortedException abortReason) // that of the framework says so late, when its token may be disposed of
        {
            Application!.Output.Complete();
            Application.Input.CancelPendingRead(); // no more of the answer comes
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
