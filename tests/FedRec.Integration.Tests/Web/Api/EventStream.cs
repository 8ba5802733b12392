using System.Text.Json;

namespace FedRec.Integration.Tests.Web.Api;

/// <summary>Reads server-sent events line by line.</summary>
internal sealed class EventStream : IDisposable
{
    private readonly StreamReader _reader;

    private EventStream(HttpResponseMessage response, Stream body) => (Response, _reader) = (response, new StreamReader(body));

    public HttpResponseMessage Response { get; }

    public static async Task<EventStream> OpenAsync(WebHost host, string address, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return new EventStream(response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next event; null at the end of the stream.</summary>
    public async Task<ReceivedEvent?> NextAsync()
    {
        var fields = new Dictionary<string, string>();
        while (await LineAsync() is { } line)
        {
            if (line.Length == 0 && fields.TryGetValue("data", out var data))
            {
                return new ReceivedEvent(fields["id"], fields["event"], JsonDocument.Parse(data).RootElement);
            }

            if (line.Split(": ", 2) is [{ Length: > 0 } name, var value])
            {
                fields[name] = value;
            }
        }

        return null;
    }

    /// <summary>Reads until so many comments have come; false when the stream ends first.</summary>
    public async Task<bool> SkipCommentsAsync(int count)
    {
        while (count > 0 && await LineAsync() is { } line)
        {
            count -= line.StartsWith(':') ? 1 : 0;
        }

        return count == 0;
    }

    public void Dispose()
    {
        _reader.Dispose();
        Response.Dispose();
    }

    private async Task<string?> LineAsync() => await _reader.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(4));
}

/// <summary>One server-sent event.</summary>
internal sealed record ReceivedEvent(string Id, string Event, JsonElement Json);
