using FedRec.Web.Api;
using FedRec.Web.Dashboard;
using FedRec.Web.Dashboard.Overview;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web;

/// <summary>Maps the API and the dashboard; <see cref="FedRecWebServices.AddFedRecWeb"/> comes first.</summary>
public static class FedRecWebEndpoints
{
    /// <summary>Maps <c>/api/v1</c>, <c>/health</c> and <c>/openapi/v1.json</c>.</summary>
    public static IEndpointRouteBuilder MapFedRecApi(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/api/v1").AddEndpointFilter(SameOriginWrites.CheckAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        EndpointRules.Apply(api);
        FederationsApi.Map(api);
        RunsApi.Map(api);
        RunResultsApi.Map(api);
        EventsApi.Map(api);
        ModelsApi.Map(api);
        RecommendationsApi.Map(api);
        ItemsApi.Map(api);
        InteractionsApi.Map(api);
        var health = app.MapGroup("/health");
        EndpointRules.Apply(health);
        HealthApi.Map(health);
        EndpointRules.Apply(app.MapOpenApi());
        return app;
    }

    /// <summary>Maps the page <c>/fedrec</c> with its assets; <c>/</c> leads there.</summary>
    public static IEndpointRouteBuilder MapFedRecDashboard(this IEndpointRouteBuilder app)
    {
        EndpointRules.Apply(app.MapGet("/", () => TypedResults.Redirect("/fedrec")).ExcludeFromDescription());
        var pages = app.MapGroup("/fedrec").AddEndpointFilter(SameOriginWrites.CheckAsync).ExcludeFromDescription();
        EndpointRules.Apply(pages);
        AssetEndpoints.Map(pages);
        OverviewEndpoints.Map(pages);
        ApiReference.Map(app);
        return app;
    }
}
