using FedRec.Web.Access;
using FedRec.Web.Api;
using FedRec.Web.Dashboard;
using FedRec.Web.Dashboard.Overview;
using FedRec.Web.Hosting;
using FedRec.Web.Parties;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Web;

/// <summary>Maps the API and the pages; <see cref="FedRecWebServices.AddFedRecWeb"/> comes first.</summary>
public static class FedRecWebEndpoints
{
    /// <summary>Maps the page at the prefix, and below it <c>/api/v1</c>, <c>/party/v1</c> for parties with a process of their own, which say by their keys who they are, <c>/api</c> (the API for reading), <c>/openapi/v1.json</c>, <c>/health</c> and the page's assets.</summary>
    /// <param name="app">The host, which keeps every other address to itself.</param>
    /// <param name="prefix">Where all of it is. Default: <c>/fedrec</c>.</param>
    /// <returns>Conventions of all of these endpoints, such as <c>.RequireAuthorization()</c>: whom the host lets in is an operator. Without that they ask themselves, see <see cref="FedRecWebOptions.Access"/>.</returns>
    /// <exception cref="ArgumentException">The prefix is no path of plain segments, or is mapped already.</exception>
    public static IEndpointConventionBuilder MapFedRec(this IEndpointRouteBuilder app, string prefix = "/fedrec")
    {
        var mount = app.ServiceProvider.GetRequiredService<Mounts>().Add(prefix);
        var all = new OwnRoutes(app).MapGroup(mount.Prefix).WithMetadata(mount)
            .WithGroupName(ApiDocument.Group); // the documents of the host leave other groups out
        EndpointRules.Name(all, mount);
        var own = all.MapGroup("");
        EndpointRules.Apply(own);
        MapApi(own);
        PartyApi.Map(own);
        HealthApi.Map(own.MapGroup("/health").AnswersEveryName());
        ApiDocument.Map(own, app, mount);
        var pages = own.MapGroup("").ExcludeFromDescription();
        AssetEndpoints.Map(pages);
        LoginEndpoints.Map(pages);
        OverviewEndpoints.Map(pages);
        ApiReference.Map(all);
        return all;
    }

    private static void MapApi(RouteGroupBuilder own)
    {
        var api = own.MapGroup("/api/v1").AddEndpointFilter(UserCheck.CheckAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        FederationsApi.Map(api);
        OrganisationsApi.Map(api);
        PartiesApi.Map(api);
        RunsApi.Map(api);
        PrivacyApi.Map(api);
        RunResultsApi.Map(api);
        EventsApi.Map(api);
        ModelsApi.Map(api);
        RecommendationsApi.Map(api);
        ItemsApi.Map(api);
        InteractionsApi.Map(api);
        AccessApi.Map(api);
    }
}
