using FedRec.Contracts.Runs;
using FedRec.Web.Access;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Api;

/// <summary>Training runs: list, start, look, stop.</summary>
internal static class RunsApi
{
    private const int LargestPage = 200;

    public static void Map(IEndpointRouteBuilder api)
    {
        var runs = api.MapGroup("/runs").WithTags("Runs");
        runs.MapGet("", ListAsync).ForViewers().WithName("listRuns").WithSummary("Runs of a federation, newest first.");
        runs.MapPost("", StartAsync).ForOperators().WithName("startRun").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Starts a run; 409 while another one is active, 400 with the reason when the request is wrong.");
        runs.MapGet("/{id}", GetAsync).ForViewers().WithName("getRun").WithSummary("Where a run stands.");
        runs.MapPost("/{id}/stop", StopAsync).ForOperators().WithName("stopRun").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Stops a run after the open round; what was trained is published, and put in use by the same rule as at any other end.");
        runs.MapPost("/{id}/resume", ResumeAsync).ForOperators().WithName("resumeRun").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Has an unfinished run go on; one that was stopped or has failed is followed by a run that begins with its version and does the rounds that were left, unless it was private.");
    }

    private static async Task<Ok<RunView[]>> ListAsync(
        FederationSelector selector, DataRoot root, CancellationToken cancellationToken, string? federation = null, int limit = 50)
    {
        Check.Range(limit, 1, LargestPage, nameof(limit));
        var name = await selector.SelectAsync(federation, cancellationToken);
        var summary = await selector.Federation(name).GetSummaryAsync(cancellationToken);
        var loading = summary.ActiveRun is { } active && !summary.Runs.Contains(active) ? [active] : Array.Empty<string>();
        var newest = loading.Concat(summary.Runs.Reverse()).Take(limit);
        var statuses = await Task.WhenAll(newest.Select(id => selector.Run(name, id).GetStatusAsync(cancellationToken)));
        return TypedResults.Ok(statuses.OfType<RunStatus>().Select(status => RunView.From(status, root)).ToArray());
    }

    private static async Task<Results<Created<RunStartedView>, Ok<RunStartedView>>> StartAsync(
        StartRunBody body, HttpContext context, FederationSelector selector, DataRoot root, CancellationToken cancellationToken)
    {
        var name = body.Federation ?? await selector.FindNewestAsync(cancellationToken) ?? "default";
        var request = StartRunChecks.Checked(body, name);
        if (body.WarmStartFrom is { } from)
        {
            selector.CheckMayName(from.Federation); // its model is read
        }

        var receipt = await selector.Federation(name).StartRunAsync(request, cancellationToken);
        selector.Forget();
        return Answer(name, receipt, context, root, await PartiesAsync(selector, name, receipt, cancellationToken));
    }

    private static async Task<RunPartyView[]?> PartiesAsync(FederationSelector selector, string federation, RunReceipt receipt, CancellationToken cancellationToken)
    {
        var status = receipt.Outcome is RunOutcome.Started or RunOutcome.Resumed ? await selector.Run(federation, receipt.RunId).GetStatusAsync(cancellationToken) : null;
        return status is { Source.Hosted: not null } && await selector.Parties(federation).ListAsync(cancellationToken) is { Length: > 0 } parties ? RunPartyView.All(status, parties) : null;
    }

    private static async Task<Results<Created<RunStartedView>, Ok<RunStartedView>>> ResumeAsync(
        string id, HttpContext context, FederationSelector selector, DataRoot root, CancellationToken cancellationToken, string? federation = null)
    {
        var (grain, status) = await selector.FindRunAsync(federation, id, cancellationToken);
        var name = status.Request.Federation;
        var receipt = await RunContinuation.ResumeAsync(grain, selector.Federation(name), status, cancellationToken);
        selector.Forget();
        return Answer(name, receipt, context, root, await PartiesAsync(selector, name, receipt, cancellationToken));
    }

    private static Results<Created<RunStartedView>, Ok<RunStartedView>> Answer(string name, RunReceipt receipt, HttpContext context, DataRoot root, RunPartyView[]? parties)
    {
        var view = new RunStartedView(name, receipt.RunId, receipt.Outcome, receipt.Message) { Parties = parties };
        return receipt.Outcome switch
        {
            RunOutcome.Started => TypedResults.Created($"{Mount.Address(context)}/api/v1/runs/{receipt.RunId}?federation={name}", view),
            RunOutcome.Resumed => TypedResults.Ok(view),
            RunOutcome.Busy => throw ProblemException.Conflict("Another run is active", receipt.Message),
            // What a file holds is for whoever may read it on the server.
            _ when receipt.DataPlace is { } place => throw ProblemException.BadRequest(DataNotUsableException.Guard(root.Shown(place))),
            _ => throw ProblemException.BadRequest(receipt.Message),
        };
    }

    private static async Task<Ok<RunView>> GetAsync(
        string id, FederationSelector selector, DataRoot root, CancellationToken cancellationToken, string? federation = null)
    {
        var (_, status) = await selector.FindRunAsync(federation, id, cancellationToken);
        return TypedResults.Ok(RunView.From(status, root));
    }

    private static async Task<Accepted<RunView>> StopAsync(
        string id, HttpContext context, FederationSelector selector, DataRoot root, CancellationToken cancellationToken, string? federation = null)
    {
        var (grain, status) = await selector.FindRunAsync(federation, id, cancellationToken);
        var view = RunView.From(status, root);
        if (!view.Active)
        {
            throw ProblemException.Conflict("Run has ended", $"Run '{id}' has already ended ({status.Phase}); there is nothing to stop.");
        }

        await grain.StopAsync(cancellationToken);
        return TypedResults.Accepted($"{Mount.Address(context)}/api/v1/runs/{id}?federation={view.Federation}", view);
    }
}
