using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Cli.Parties;

/// <summary>The way to the coordinator: always outwards, over TLS whose key the invitation named, with a token of the party's key in each request.</summary>
/// <remarks>Follows the coordinator to another address when it says so in words that it has signed, and takes the party's new key up when the old one is good no more: a party that runs
/// need not be started anew for either.</remarks>
internal sealed class PartyConnection : IDisposable
{
    /// <summary>How long a connection may take to be made.</summary>
    public static readonly TimeSpan Connecting = TimeSpan.FromSeconds(10);

    private const string NonceHeader = "FedRec-Nonce";
    private const string MovedHeader = "FedRec-Moved";
    private static readonly TimeSpan s_patience = PartyLimits.PollWait + TimeSpan.FromMinutes(1); // no answer takes longer to begin, nor stands still for longer
    private readonly PartyFolder? _folder;
    private readonly TimeProvider _time;
    private readonly string _copy;
    private readonly HttpMessageHandler? _handler;
    private string _nonce = "none";
    private HttpClient _http;
    private (PartyCode Code, HttpClient Http)? _former; // until the new address has answered

    /// <param name="code">Where the coordinator is.</param>
    /// <param name="key">The party's key; disposed of with this where there is a folder.</param>
    /// <param name="folder">Where the party keeps both; null for one that is about to join.</param>
    /// <param name="time">Says what time it is.</param>
    /// <param name="handler">Sends requests. Default: over TLS with the pin of the code.</param>
    public PartyConnection(PartyCode code, ECDsa key, PartyFolder? folder, TimeProvider time, HttpMessageHandler? handler = null)
    {
        (Code, Key, _folder, _time, _handler) = (code, key, folder, time, handler);
        _http = Open(code);
        _copy = folder is null ? "" : PartyStatements.Sha256(System.Text.Encoding.UTF8.GetBytes($"{Environment.MachineName}\n{folder.Root}"))[..16];
    }

    /// <summary>Where the coordinator is now.</summary>
    public PartyCode Code { get; private set; }

    /// <summary>The party's key now.</summary>
    public ECDsa Key { get; private set; }

    /// <summary>How far the coordinator's clock is ahead of this one, as of its last answer: its tokens go by that clock.</summary>
    public TimeSpan Ahead { get; private set; }

    /// <summary>Told in words of what changes on the way.</summary>
    public Action<string> Say { get; set; } = _ => { };

    /// <summary>SHA-256 of a certificate's public key, in hexadecimal.</summary>
    public static string PinOf(X509Certificate2 certificate) => PartyStatements.Sha256(certificate.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>Why the coordinator cannot be reached, in words; the system's own of a certificate are of a callback.</summary>
    public static string Why(Exception exception) => exception.GetBaseException() switch
    {
        AuthenticationException => "the certificate there is another one than the party goes by",
        var cause => cause.Message.Split('\n')[0].TrimEnd('.'),
    };

    /// <summary>Sends a request; once more where the token repeats no nonce of the server as it is now, the key is another one by now, or the coordinator is elsewhere.</summary>
    /// <param name="method">The method.</param>
    /// <param name="what">Path below the party's.</param>
    /// <param name="fill">Gives the request what it needs beside a token; called for each one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="query">With its question mark.</param>
    /// <exception cref="PartyException">The coordinator refuses.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string what, Action<HttpRequestMessage>? fill, CancellationToken cancellationToken, string query = "")
    {
        for (var (askedNonce, askedKey, moved) = (false, false, false); ;)
        {
            var (path, nonce) = ($"/party/v1/{Code.Federation}/{Code.Party}/{what}", _nonce);
            using var request = new HttpRequestMessage(method, path[1..] + query);
            fill?.Invoke(request);
            if (what != "join")
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TokenWriter.Write(Key, Code, nonce, method.Method, path, _time.GetUtcNow() + Ahead, _copy));
            }

            try
            {
                return await SendAsync(request, cancellationToken);
            }
            catch (PartyException exception) when (exception.Status == HttpStatusCode.Unauthorized && !askedNonce && _nonce != nonce)
            {
                askedNonce = true; // the answer has told the nonce, and what time it is there
            }
            catch (PartyException exception) when (exception.Status == HttpStatusCode.Unauthorized && !askedKey && TakeNewKey())
            {
                askedKey = true;
            }
            catch (HttpRequestException) when (!moved && (GoBack() || FollowWhatIsKept()))
            {
                moved = true;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _former?.Http.Dispose();
        if (_folder is not null)
        {
            Key.Dispose();
        }
    }

    /// <summary>The way to where a code says, over TLS with its pin; what is silent for too long has ended.</summary>
    /// <param name="code">Where to.</param>
    /// <param name="time">Says how long that is.</param>
    public static SocketsHttpHandler HandlerFor(PartyCode code, TimeProvider time) => new()
    {
        AllowAutoRedirect = false,
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, time, cancellationToken),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10), // or a name that leads elsewhere now would never be looked up again
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, _, errors) => code.Pin.Length == 0 ? errors == SslPolicyErrors.None : certificate is X509Certificate2 shown && PinOf(shown) == code.Pin,
        },
    };

    private HttpClient Open(PartyCode code) => new(_handler ?? HandlerFor(code, _time)) { BaseAddress = new Uri($"{code.Url.ToString().TrimEnd('/')}/"), Timeout = Timeout.InfiniteTimeSpan }; // what stands still ends sooner, and what goes on may take its time

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint to, TimeProvider time, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var limit = new CancellationTokenSource(Connecting, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(to, either.Token);
            return new PatientStream(new NetworkStream(socket, ownsSocket: true), s_patience, time);
        }
        catch (Exception exception)
        {
            socket.Dispose();
            if (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw new IOException($"nobody answered at {to.Host}:{to.Port} within {Connecting.TotalSeconds:N0} s");
            }

            throw;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Add("FedRec-Party-Version", PartyLimits.Version.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        _former?.Http.Dispose();
        _former = null;
        _nonce = answer.Headers.TryGetValues(NonceHeader, out var nonces) ? nonces.First() : _nonce;
        Ahead = answer.Headers.Date is { } date ? date - _time.GetUtcNow() : Ahead;
        if (answer.Headers.TryGetValues(MovedHeader, out var notices) && Code.After(notices.First()) is { } there)
        {
            _folder?.Keep(there);
            Follow(there);
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw await PartyException.OfAsync(answer, cancellationToken);
        }
    }

    private void Follow(PartyCode there)
    {
        (_former, _http, Code) = ((Code, _http), Open(there), there);
        Say($"the coordinator has moved to {there.Url}, and says so in words that it has signed");
    }

    // The new address does not answer yet: the old one does for a while, and its next answer leads on again.
    private bool GoBack()
    {
        if (_former is not { } former)
        {
            return false;
        }

        _http.Dispose();
        (Code, _http, _former) = (former.Code, former.Http, null);
        return true;
    }

    // Somebody has given the notice to this party by hand.
    private bool FollowWhatIsKept()
    {
        if (_folder is null || PartyFolder.Open(_folder.Root).Membership.Code is not { } there || there.Moves <= Code.Moves)
        {
            return false;
        }

        Follow(there);
        return true;
    }

    // The key was changed by another process, or one that was cut off before it could put the new key in its place.
    private bool TakeNewKey()
    {
        foreach (var key in _folder is null ? [] : new[] { _folder.ReadKey(), _folder.TryReadNextKey() }.OfType<ECDsa>())
        {
            if (!PartyKeys.AreSame(key, Key))
            {
                Key.Dispose();
                Key = key;
                return true;
            }

            key.Dispose();
        }

        return false;
    }
}
