using System.Net;
using System.Text.Json;

namespace FedRec.Cli.Parties;

/// <summary>The coordinator has refused a request of the party.</summary>
internal sealed class PartyException(HttpStatusCode status, string message) : Exception(message)
{
    /// <summary>How.</summary>
    public HttpStatusCode Status => status;

    /// <summary>When the coordinator wants to be asked again; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    public static async Task<PartyException> OfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            using var problem = JsonDocument.Parse(text);
            return new PartyException(answer.StatusCode, problem.RootElement.GetProperty("detail").GetString() ?? "") { RetryAfter = answer.Headers.RetryAfter?.Delta };
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new PartyException(answer.StatusCode, $"The address answers with status {(int)answer.StatusCode}, and not as a FedRec does; a proxy may be in between.") { RetryAfter = answer.Headers.RetryAfter?.Delta };
        }
    }
}
