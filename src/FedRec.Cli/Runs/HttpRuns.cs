using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Mvc;

namespace FedRec.Cli.Runs;

/// <summary>The runs of a FedRec that is reached over HTTP, from whatever machine.</summary>
internal sealed class HttpRuns : IRuns
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
    private readonly HttpClient _http;
    private readonly Uri _server;

    /// <param name="server">Where its page is, or the root of <c>fedrec serve</c>.</param>
    /// <param name="key">Says who is asking; null where nobody is asked.</param>
    public HttpRuns(Uri server, string? key)
    {
        _server = server;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(10), ConnectCallback = ConnectAsync }) // the key goes to nobody else
        {
            BaseAddress = new Uri($"{server.AbsoluteUri.TrimEnd('/')}/api/v1/"),
            Timeout = TimeSpan.FromHours(1), // a start waits as long as its data is being read
        };
        _http.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
    }

    public Task<RunStartedView> StartAsync(RunRequest request, CancellationToken cancellationToken) =>
        SendAsync<RunStartedView>(HttpMethod.Post, "runs", JsonContent.Create(StartRunBody.Of(request), options: s_json), cancellationToken);

    public async Task<IReadOnlyList<RunView>> ListAsync(string? federation, int limit, CancellationToken cancellationToken) =>
        await SendAsync<ImmutableArray<RunView>>(HttpMethod.Get, $"runs{Query(federation)}{(federation is null ? '?' : '&')}limit={limit}", null, cancellationToken);

    public async Task<RunView> GetAsync(RunName run, CancellationToken cancellationToken)
    {
        if (run.Id is not null)
        {
            return await SendAsync<RunView>(HttpMethod.Get, Address(run, ""), null, cancellationToken);
        }

        return (await ListAsync(run.Federation, 1, cancellationToken)) is [var newest] ? newest
            : throw new CliException(ExitCode.Failed, $"{(run.Federation is null ? "The federation" : $"Federation '{run.Federation}'")} has no run yet.", "Start one with 'fedrec run start'.");
    }

    public async Task<MetricsView> GetMetricsAsync(RunName run, CancellationToken cancellationToken) =>
        await SendAsync<MetricsView>(HttpMethod.Get, Address(await NamedAsync(run, cancellationToken), "/metrics"), null, cancellationToken);

    public async Task<IReadOnlyList<RunPartyView>> GetPartiesAsync(RunName run, CancellationToken cancellationToken) =>
        await SendAsync<ImmutableArray<RunPartyView>>(HttpMethod.Get, Address(await NamedAsync(run, cancellationToken), "/parties"), null, cancellationToken);

    public async IAsyncEnumerable<RunEvent> ReadEventsAsync(RunName run, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address(await NamedAsync(run, cancellationToken), "/events"));
        request.Headers.Add("Last-Event-ID", $"{after}");
        using var response = await AnswerAsync(request, cancellationToken);
        if (response.StatusCode is HttpStatusCode.NoContent)
        {
            yield break;
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize<EventView>(data, s_json)).EnumerateAsync(cancellationToken))
        {
            if (item.Data is { } view)
            {
                yield return EventOf(view);
            }
        }
    }

    public async Task StopAsync(RunName run, CancellationToken cancellationToken) =>
        await SendAsync<RunView>(HttpMethod.Post, Address(await NamedAsync(run, cancellationToken), "/stop"), null, cancellationToken);

    public async Task<RunStartedView> ResumeAsync(RunName run, CancellationToken cancellationToken) =>
        await SendAsync<RunStartedView>(HttpMethod.Post, Address(await NamedAsync(run, cancellationToken), "/resume"), null, cancellationToken);

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    // A stream of events is silent for long: the system asks whether the other machine is still there.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Query(string? federation) => federation is null ? "" : $"?federation={Uri.EscapeDataString(federation)}";

    private static string Address(RunName run, string part) => $"runs/{Uri.EscapeDataString(run.Id!)}{part}{Query(run.Federation)}";

    private async Task<RunName> NamedAsync(RunName run, CancellationToken cancellationToken) =>
        run.Id is not null ? run : await GetAsync(run, cancellationToken) is var newest ? new RunName(newest.Federation, newest.Id) : run;

    private async Task<T> SendAsync<T>(HttpMethod method, string address, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address) { Content = content };
        using var response = await AnswerAsync(request, cancellationToken);
        try
        {
            return await response.Content.ReadFromJsonAsync<T>(s_json, cancellationToken) ?? throw Stranger();
        }
        catch (JsonException e)
        {
            throw Stranger(e);
        }
    }

    // An answer that is no refusal.
    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new CliException(ExitCode.StoreUnreachable, $"Nothing answers at {_server}: {e.Message}", "Start 'fedrec serve' there, or correct --cluster.", e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await RefusalAsync(response, cancellationToken);
        }
    }

    private async Task<CliException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode is HttpStatusCode.Unauthorized)
        {
            return new CliException(ExitCode.Failed, $"{_server} does not take {(_http.DefaultRequestHeaders.Authorization is null ? "requests without a key" : "this key")}.",
                "Set the variable FEDREC_API_KEY to a key of it ('fedrec access key create' there, or its FedRec:Web:ApiKey), or give a file with one (--api-key-file).");
        }

        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json")
        {
            return Stranger();
        }

        var problem = await response.Content.ReadFromJsonAsync<ProblemDetails>(s_json, cancellationToken);
        return new CliException(response.StatusCode is HttpStatusCode.ServiceUnavailable ? ExitCode.StoreUnreachable : ExitCode.Failed, problem?.Detail ?? problem?.Title ?? response.ReasonPhrase!);
    }

    private CliException Stranger(Exception? cause = null) => new(ExitCode.Failed, $"What answers at {_server} is no FedRec of this release.",
        "Give the address of its page, such as http://host:5080/fedrec.", cause);

    private static RunEvent EventOf(EventView e) => new()
    {
        Id = e.Id,
        Kind = e.Kind,
        At = e.At,
        Round = e.Round,
        Text = e.Text,
        Version = e.Version ?? 0,
        Record = e.Record is { } r ? new RoundRecord
        {
            Round = r.Round,
            Phase = r.Phase,
            Reason = r.Reason,
            Asked = r.Asked,
            Participants = r.Participants,
            Dropped = r.Dropped,
            Late = r.Late,
            Rejected = r.Rejected,
            Loss = r.Loss,
            Milliseconds = r.Milliseconds,
            Version = r.Version,
        } : null,
        Evaluation = e.Evaluation is { } measured ? new EvaluationRecord
        {
            Name = measured.Name,
            Round = measured.Round,
            Users = measured.Users,
            OnValidation = measured.OnValidation,
            Metrics = measured.Metrics.Where(m => m.Value is not null).ToImmutableSortedDictionary(m => m.Key, m => m.Value!.Value),
        } : null,
    };
}
