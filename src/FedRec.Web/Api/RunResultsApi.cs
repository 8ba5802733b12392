using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Web.Access;
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
        run.MapGet("/rounds", ListAsync).ForViewers().WithName("listRounds").WithSummary("Closed rounds of a run, oldest first.");
        run.MapGet("/rounds/{n:int}", GetAsync).ForViewers().WithName("getRound").WithSummary("One closed round.");
        run.MapGet("/parties", PartiesAsync).ForViewers().WithName("listRunParties").WithSummary("Parties with a process of their own: which may take part in a run, and what each has done for it.");
        run.MapGet("/metrics", MetricsAsync).ForViewers().WithName("getMetrics")
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

    private static async Task<Ok<RunPartyView[]>> PartiesAsync(
        string id, FederationSelector selector, CancellationToken cancellationToken, string? federation = null)
    {
        var (_, status) = await selector.FindRunAsync(federation, id, cancellationToken);
        return TypedResults.Ok(RunPartyView.All(status, status.Source.Hosted is null ? [] : await selector.Parties(status.Request.Federation).ListAsync(cancellationToken)));
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

/// <summary>What a round did; also its progress while it is open.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Phase">Planned, Collecting, Aggregating, Committed or Abandoned.</param>
/// <param name="Reason">Why it was abandoned; null otherwise.</param>
/// <param name="Asked">Clients asked.</param>
/// <param name="Participants">Updates counted.</param>
/// <param name="Dropped">Clients that dropped out or failed.</param>
/// <param name="Late">Clients that missed the deadline.</param>
/// <param name="Rejected">Updates refused.</param>
/// <param name="Loss">Weighted mean training loss; null when there is none.</param>
/// <param name="LargestShare">Largest share of one client in the mean, in (0, 1].</param>
/// <param name="BytesUp">Bytes of updates that would travel from clients if each were a process of its own.</param>
/// <param name="BytesDown">Bytes of parameters that would travel to them.</param>
/// <param name="Milliseconds">Wall time.</param>
/// <param name="StepNorm">L2 norm of the server's step.</param>
/// <param name="Version">Version published; 0 for none.</param>
/// <param name="ClippedShare">Share of the counted clients whose update was clipped, in [0, 1].</param>
/// <param name="MovedSumBytes">Bytes of sums that moved between silos.</param>
/// <param name="ModelBytes">Bytes of parameters that moved between silos since the round before, or of what had changed in them.</param>
/// <param name="Resyncs">Silos that held something else than the run had, and were sent all parameters.</param>
public sealed record RoundView(
    int Round,
    string Phase,
    string? Reason,
    int Asked,
    int Participants,
    int Dropped,
    int Late,
    int Rejected,
    double? Loss,
    double? LargestShare,
    long BytesUp,
    long BytesDown,
    double Milliseconds,
    double? StepNorm,
    long Version,
    double ClippedShare,
    long MovedSumBytes,
    long ModelBytes,
    int Resyncs)
{
    internal static RoundView From(RoundRecord r) => new(
        r.Round, r.Phase, r.Reason, r.Asked, r.Participants, r.Dropped, r.Late, r.Rejected,
        r.Loss is { } loss ? ApiJson.FiniteOrNull(loss) : null,
        ApiJson.FiniteOrNull(r.LargestShare), r.BytesUp, r.BytesDown, r.Milliseconds, ApiJson.FiniteOrNull(r.StepNorm), r.Version, r.ClippedShare, r.MovedSumBytes, r.ModelBytes, r.Resyncs);
}

/// <summary>The curves of a run.</summary>
/// <param name="Run">The run.</param>
/// <param name="Learner">Its learner; evaluations of another name are baselines.</param>
/// <param name="Rounds">Closed rounds, oldest first.</param>
/// <param name="Evaluations">Evaluations, oldest first.</param>
public sealed record MetricsView(
    string Run,
    string Learner,
    IReadOnlyList<RoundView> Rounds,
    IReadOnlyList<EvaluationView> Evaluations)
{
    internal static MetricsView From(RunStatus status) => new(
        status.RunId, status.Request.Learner, [.. status.Rounds.Select(RoundView.From)], [.. status.Evaluations.Select(EvaluationView.From)]);
}

/// <summary>Quality of one model under the federation's protocol.</summary>
/// <param name="Name">Learner or baseline.</param>
/// <param name="Round">Round after which it was made; 0 for a baseline.</param>
/// <param name="OnValidation">Measured on the validation split instead of the test split.</param>
/// <param name="Users">Users evaluated.</param>
/// <param name="Metrics">Means over users, such as hr@10; null where a value is not finite.</param>
/// <param name="Quantiles">Per-user distribution, such as ndcg@10/p50.</param>
/// <param name="Seconds">Wall time.</param>
public sealed record EvaluationView(
    string Name,
    int Round,
    bool OnValidation,
    int Users,
    IReadOnlyDictionary<string, double?> Metrics,
    IReadOnlyDictionary<string, double?> Quantiles,
    double Seconds)
{
    internal static EvaluationView From(EvaluationRecord e) =>
        new(e.Name, e.Round, e.OnValidation, e.Users, Finite(e.Metrics), Finite(e.Quantiles), e.Seconds);

    private static SortedDictionary<string, double?> Finite(IEnumerable<KeyValuePair<string, double>> values) =>
        new(values.ToDictionary(v => v.Key, v => ApiJson.FiniteOrNull(v.Value)), StringComparer.Ordinal);
}
