using FedRec.Web.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace FedRec.Web.Dashboard;

/// <summary>Serves the embedded assets.</summary>
internal static class AssetEndpoints
{
    public static void Map(IEndpointRouteBuilder pages) => pages.MapGet("/assets/{version}/{name}", Get);

    private static FileContentHttpResult Get(string version, string name, HttpResponse response)
    {
        var asset = AssetCatalogue.Find(name) ?? throw ProblemException.NotFound("No such asset", $"There is no asset '{name}'.");
        // An address of this build never changes its meaning; any other one is asked for again.
        response.Headers.CacheControl = version == AssetCatalogue.Version ? "public, max-age=31536000, immutable" : "no-cache";
        return TypedResults.Bytes(asset.Bytes, asset.ContentType, entityTag: new EntityTagHeaderValue(asset.ETag));
    }
}
