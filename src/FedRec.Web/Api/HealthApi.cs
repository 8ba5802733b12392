using FedRec.Web.Access;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FedRec.Web.Api;

/// <summary>Whether the process lives and whether the cluster answers.</summary>
internal static class HealthApi
{
    public static void Map(IEndpointRouteBuilder health)
    {
        health.MapGet("/live", () => TypedResults.Ok(new HealthView("live"))).ForAnybody().WithName("isLive").WithTags("Health")
            .WithSummary("The process answers.");
        health.MapGet("/ready", ReadyAsync).ForAnybody().WithName("isReady").WithTags("Health").WithSummary("The cluster answers a grain call, and its store answers too.")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Ok<HealthView>> ReadyAsync(
        FederationSelector selector, IServiceProvider services, IOptions<FedRecWebOptions> options, CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<FedRecReadiness>().IsEnding)
        {
            throw new ProblemException(StatusCodes.Status503ServiceUnavailable, "Ending", "This process is about to end, and still answers what reaches it.");
        }

        StoreGate.RequireStore(services);
        try
        {
            await selector.NamesAsync(cancellationToken).WaitAsync(options.Value.ReadyTimeout, cancellationToken);
            return TypedResults.Ok(new HealthView("ready"));
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever the reason is: this endpoint exists to say that the cluster does not answer.
            throw new ProblemException(StatusCodes.Status503ServiceUnavailable, "Cluster not ready",
                $"The cluster does not answer a grain call ({e.GetType().Name}). It may still be starting.");
        }
    }
}

/// <summary>State of the process or the cluster.</summary>
/// <param name="Status">live or ready.</param>
public sealed record HealthView(string Status);
