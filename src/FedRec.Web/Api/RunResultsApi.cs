using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Api;

/// <summary>What the rounds of a run did, and its curves.</summary>
internal static class RunResultsApi
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var run = api.MapGroup("/runs/{id}").WithTags("Runs");
        run.MapGet("/rounds", ListAsync).WithName("listRounds").WithSummary("Closed rounds of a run, oldest first.");
        run.MapGet("/rounds/{n:int}", GetAsync).WithName("getRound").WithSummary("One closed round.");
        run.MapGet("/metrics", MetricsAsync).WithName("getMetrics")
            .Produces<MetricsView>(StatusCodes.Status200OK, "application/json", "text/csv")
            .WithSummary("Rounds and evaluations of a run; format is json or csv.");
    }

    private static async Task<Ok<RoundView[]>> ListAsync(
        string id, FederationSelector selector, CancellationToken cancellationToken, string? federation = null)
    {
        var (_, status) = await selector.FindRunAsync(federation, id, cancellationToken);
        return TypedResults.Ok(status.Rounds.Select(RoundView.From).ToArray());
    }

    private static async Task<Ok<RoundView>> GetAsync(
        string id, int n, FederationSelector selector, CancellationToken cancellationToken, string? federation = null)
    {
        var (_, status) = await selector.FindRunAsync(federation, id, cancellationToken);
        var round = status.Rounds.FirstOrDefault(r => r.Round == n);
        return round is not null ? TypedResults.Ok(RoundView.From(round)) : throw ProblemException.NotFound("No such round",
            $"Run '{id}' has closed {status.RoundsDone} of {status.Request.Rounds.Count} rounds; round {n} is not among them.");
    }

    private static async Task<IResult> MetricsAsync(
        string id, FederationSelector selector, CancellationToken cancellationToken, string? federation = null, string format = "json")
    {
        if (format is not ("json" or "csv"))
        {
            throw ProblemException.BadRequest($"'format' is '{format}'; it must be json or csv.");
        }

        var (_, status) = await selector.FindRunAsync(federation, id, cancellationToken);
        var metrics = MetricsView.From(status);
        return format == "csv" ? TypedResults.Text(MetricsCsv.Write(metrics), "text/csv; charset=utf-8") : TypedResults.Ok(metrics);
    }
}
