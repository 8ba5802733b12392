using FedRec.Web.Access;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;
using Microsoft.OpenApi;

namespace FedRec.Web.Api;

/// <summary>The OpenAPI document.</summary>
internal static class ApiDocument
{
    private const string Name = "v1";

    /// <summary>Of the endpoints, for whatever groups the endpoints of a host.</summary>
    public const string Group = "fedrec";

    // The same word means the same thing in every address.
    private static readonly Dictionary<string, string> s_parameters = new()
    {
        ["federation"] = "Federation; the most recently active one when left out.",
        ["id"] = "Run, such as run-3; or key, by its 12 hexadecimal digits.",
        ["name"] = "Name of the organisation, 1 to 200 characters without a slash, or of the party, 1 to 64 letters, digits, dots, dashes or underscores.",
        ["fingerprint"] = "The words that were compared; a party that has another key is not let in. Without it, whatever key it has.",
        ["run"] = "Run; the active or newest one when left out.",
        ["n"] = "Round, from 1.",
        ["limit"] = "Runs wanted, 1 to 200.",
        ["delta"] = "δ at which ε is told, more than 0 and less than 1; 1e-5 when left out.",
        ["format"] = "json or csv.",
        ["after"] = "Number of the last event seen; the header Last-Event-ID goes before it.",
        ["version"] = "Model version; for recommendations and similar items 0 is the one in use.",
        ["party"] = "Id of the party, as its code says.",
        ["wait"] = "Longest wait for an order, 0 to 25 seconds.",
        ["sha256"] = "SHA-256 in lower-case hexadecimal, as the order says.",
        ["round"] = "Round, as the order says.",
        ["step"] = "A step of secure aggregation: advertise, share, consent or unmask.",
        ["attempt"] = "How often the party has been asked for it, as the order says.",
        ["evaluation"] = "Evaluation, as the order says.",
        ["user"] = "Original user id.",
        ["item"] = "Original item id.",
        ["k"] = "Items wanted, 1 to 1,000.",
        ["exclude"] = "Original id of an item that is not wanted; may be given several times, up to 10,000. One that is not in the catalogue is refused.",
        ["tag"] = "Only items with this tag, as it is written in the catalogue; given several times, with any of them. One that no item has is refused.",
        ["offset"] = "Places of the list to skip, so that ranks go on from page to page; with k at most 10,000.",
        ["explain"] = "Whether reasons are wanted.",
        ["retire"] = "Whether model versions that counted the user are deleted, the one in use and the newest once another one is in their place. Default: false.",
        ["prefix"] = "Beginning of the user ids wanted.",
        ["count"] = "Users wanted, 1 to 1,000.",
    };

    /// <summary>Serves the document at <c>/openapi/v1.json</c> below the prefix.</summary>
    /// <param name="own">Where it is mapped.</param>
    /// <param name="host">Has the endpoints.</param>
    /// <param name="mount">Which of them are described.</param>
    /// <remarks>Made from services of its own: in those of the host a document of ours would have the host's JSON, and the host's document our endpoints.</remarks>
    public static void Map(IEndpointRouteBuilder own, IEndpointRouteBuilder host, Mount mount)
    {
        var services = new Lazy<ServiceProvider>(() => CreateServices(host, mount));
        own.MapGet("/openapi/v1.json", async (HttpContext context, CancellationToken cancellationToken) =>
        {
            var document = await services.Value.GetRequiredKeyedService<IOpenApiDocumentProvider>(Name).GetOpenApiDocumentAsync(cancellationToken);
            document.Servers = [new OpenApiServer { Url = Mount.Address(context) }];
            return TypedResults.Text(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, cancellationToken), "application/json");
        }).ForAll().ExcludeFromDescription();
    }

    private static ServiceProvider CreateServices(IEndpointRouteBuilder host, Mount mount)
    {
        var services = new ServiceCollection();
        services.AddSingleton(host.ServiceProvider.GetRequiredService<IHostEnvironment>());
        services.AddSingleton<EndpointDataSource>(new OwnEndpoints(host.ServiceProvider.GetRequiredService<EndpointDataSource>(), mount));
        services.AddLogging().AddRouting().AddOptions<FedRecWebOptions>();
        FedRecWebServices.AddOwn(services); // tells what a handler takes from services and not from the request
        services.ConfigureHttpJsonOptions(ApiJson.Configure);
        services.AddOpenApi(Name, options => Configure(options, mount));
        return services.BuildServiceProvider();
    }

    private static void Configure(OpenApiOptions options, Mount mount)
    {
        options.ShouldInclude = description => description.HttpMethod != HttpMethods.Head; // GET says it all
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "FedRec";
            document.Info.Version = "v1";
            document.Info.Description = "Trains a recommender federatedly and serves it. Errors are problem details (RFC 9457).";
            var paths = new OpenApiPaths();
            foreach (var (path, item) in document.Paths)
            {
                paths.Add(path[mount.Prefix.Length..], item); // the server's address has the prefix
            }

            document.Paths = paths;
            document.Components ??= new OpenApiComponents();
            document.AddComponent("key", new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A key (frk_…), or a token of the configured issuer (JWT, ES256 or RS256). Not asked for at the server's own machine as long as there is no key." });
            document.AddComponent("party", new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT", Description = "A token that the party's key has signed for this one request (ES256)." });
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var need = context.Description.ActionDescriptor.EndpointMetadata.OfType<AccessNeed>().Last().Roles;
            operation.Security = need == AccessRoles.Anybody ? [] : [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(need == AccessRoles.Party ? "party" : "key", context.Document)] = [] }];
            operation.OperationId = operation.OperationId?.Split(':')[^1]; // see EndpointRules.Name
            foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
            {
                parameter.Description ??= s_parameters.GetValueOrDefault(parameter.Name ?? "");
            }

            return Task.CompletedTask;
        });
    }

    // The endpoints of one place, of all that the host has.
    private sealed class OwnEndpoints(EndpointDataSource host, Mount mount) : EndpointDataSource
    {
        public override IReadOnlyList<Endpoint> Endpoints => [.. host.Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<Mount>() == mount)];

        public override IChangeToken GetChangeToken() => host.GetChangeToken();
    }
}
