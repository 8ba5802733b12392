using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Benchmarks.PartyCosts;

/// <summary>Connections to the port for parties, over TLS, from one address of this machine: what is limited by address tells senders apart by it.</summary>
internal sealed class PartyWire : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="from">Address of this machine, such as 127.0.0.2.</param>
    /// <param name="port">The port for parties.</param>
    public PartyWire(IPAddress from, int port)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(from, 0));
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        string? pin = null; // that of the first connection: a server that this process has started
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
            certificate is X509Certificate2 sent && PartyStatements.Sha256(sent.PublicKey.ExportSubjectPublicKeyInfo()) is var shown && shown == (pin ??= shown);
        _http = new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{port}") };
    }

    /// <inheritdoc cref="HttpClient.SendAsync(HttpRequestMessage, CancellationToken)"/>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken = default) => _http.SendAsync(request, cancellationToken);

    public void Dispose() => _http.Dispose();
}
