using FedRec.Web.Access;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace FedRec.Web.Api;

/// <summary>Versions of the model: look, download, put in use.</summary>
internal static class ModelsApi
{
    private const int SliceBytes = 4 << 20; // each slice is a grain call; the contract allows 16 MiB

    public static void Map(IEndpointRouteBuilder api)
    {
        var models = api.MapGroup("/models").WithTags("Models");
        models.MapGet("", ListAsync).ForViewers().WithName("listModels").WithSummary("Kept versions, newest first, and which one is in use.");
        models.MapGet("/{version:long}", GetAsync).ForViewers().WithName("getModel").WithSummary("A version's manifest.");
        models.MapGet("/{version:long}/content", DownloadAsync).ForViewers().WithName("downloadModel")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream")
            .WithSummary("A version's tensors as a safetensors file; ranges and ETags are supported.");
        models.MapGet("/{version:long}/catalogue", CatalogueAsync).ForViewers().WithName("downloadCatalogue")
            .Produces<byte[]>(StatusCodes.Status200OK, "application/json")
            .WithSummary("What the rows of a version's tensors are of: item ids in order, learner, options and public features. With the tensors, all that a reader outside FedRec needs to score.");
        models.MapPost("/{version:long}/promote", PromoteAsync).ForOperators().WithName("promoteModel")
            .WithSummary("Puts a version in use; recommendations follow within a second.");
        models.MapPost("/{version:long}/pin", (long version, FederationSelector selector, CancellationToken cancellationToken, string? federation = null) =>
                PinAsync(version, pinned: true, selector, federation, cancellationToken)).ForOperators()
            .WithName("pinModel").WithSummary("Keeps a version whatever is published later.");
        models.MapPost("/{version:long}/unpin", (long version, FederationSelector selector, CancellationToken cancellationToken, string? federation = null) =>
                PinAsync(version, pinned: false, selector, federation, cancellationToken)).ForOperators()
            .WithName("unpinModel").WithSummary("Lets a version be dropped again when newer ones replace it.");
        models.MapPost("/rollback", RollbackAsync).ForOperators().WithName("rollbackModel").ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Puts the version back in use that was in use before.");
    }

    private static async Task<Ok<ModelsView>> ListAsync(
        FederationSelector selector, CancellationToken cancellationToken, string? federation = null)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        return TypedResults.Ok(ModelsView.From(name, await selector.Model(name).GetSummaryAsync(cancellationToken)));
    }

    private static async Task<Ok<ModelView>> GetAsync(
        long version, HttpContext context, FederationSelector selector, CancellationToken cancellationToken, string? federation = null)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        var model = selector.Model(name);
        var manifest = await model.GetManifestAsync(version, cancellationToken) ?? throw Missing(name, version);
        var summary = await model.GetSummaryAsync(cancellationToken);
        var content = $"{Mount.Address(context)}/api/v1/models/{version}/content?federation={name}";
        var line = summary.Versions.FirstOrDefault(line => line.Version == version);
        return TypedResults.Ok(new ModelView(manifest, summary.Serving == version, content, line is { Pinned: true }, line?.Promotion));
    }

    private static async Task<FileStreamHttpResult> DownloadAsync(
        long version, FederationSelector selector, HttpResponse response, CancellationToken cancellationToken, string? federation = null)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        var model = selector.Model(name);
        var manifest = await model.GetManifestAsync(version, cancellationToken) ?? throw Missing(name, version);
        var first = await model.ReadContentAsync(version, 0, SliceBytes, cancellationToken) ?? throw Missing(name, version);
        var content = new ContentStream($"Version {version} of {name}", first, (offset, stop) => model.ReadContentAsync(version, offset, SliceBytes, stop));
        response.Headers.CacheControl = "no-cache"; // may be kept, and is asked for again by its ETag
        return TypedResults.Stream(content, "application/octet-stream", $"{name}-v{version}.safetensors",
            manifest.CreatedAt, new EntityTagHeaderValue($"\"{manifest.Sha256}\""), enableRangeProcessing: true);
    }

    private static async Task<FileContentHttpResult> CatalogueAsync(
        long version, FederationSelector selector, HttpResponse response, CancellationToken cancellationToken, string? federation = null)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        var manifest = await selector.Model(name).GetManifestAsync(version, cancellationToken) ?? throw Missing(name, version);
        var file = await selector.Model(name).ReadCatalogueAsync(version, cancellationToken) ?? throw ProblemException.NotFound("No catalogue",
            $"Version {version} of federation '{name}' was made before versions knew their items. Train a new one.");
        response.Headers.CacheControl = "no-cache";
        return TypedResults.Bytes(file, "application/json", $"{name}-v{version}.catalogue.json", entityTag: new EntityTagHeaderValue($"\"{manifest.CatalogueSha256}\""));
    }

    private static async Task<Ok<ServingView>> PromoteAsync(
        long version, FederationSelector selector, CancellationToken cancellationToken, string? federation = null)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        return await selector.Model(name).PromoteAsync(version, cancellationToken)
            ? TypedResults.Ok(new ServingView(name, version)) : throw Missing(name, version);
    }

    private static async Task<Ok<PinView>> PinAsync(
        long version, bool pinned, FederationSelector selector, string? federation, CancellationToken cancellationToken)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        return await selector.Model(name).PinAsync(version, pinned, cancellationToken)
            ? TypedResults.Ok(new PinView(name, version, pinned)) : throw Missing(name, version);
    }

    private static async Task<Ok<ServingView>> RollbackAsync(
        FederationSelector selector, CancellationToken cancellationToken, string? federation = null)
    {
        var name = await selector.SelectAsync(federation, cancellationToken);
        var serving = await selector.Model(name).RollbackAsync(cancellationToken) ?? throw ProblemException.Conflict(
            "Nothing to roll back to", $"Federation '{name}' has had no other version in use before this one. Promote one instead.");
        return TypedResults.Ok(new ServingView(name, serving));
    }

    private static ProblemException Missing(string federation, long version) => ProblemException.NotFound("No such model version",
        $"Federation '{federation}' has no version {version}. GET ~/api/v1/models?federation={federation} lists its versions.");
}
