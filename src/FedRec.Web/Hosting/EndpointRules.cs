using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace FedRec.Web.Hosting;

/// <summary>What holds for every endpoint of this library: ids are decoded once, nothing unread is accepted, bodies are small,
/// HEAD works where GET does, and an exception is answered as a problem.</summary>
internal static class EndpointRules
{
    /// <summary>Bytes of a body, unless an endpoint says otherwise.</summary>
    private const long UsualBodyBytes = 64 << 10;

    public static void Apply(IEndpointConventionBuilder endpoints)
    {
        endpoints.Add(endpoint => endpoint.Metadata.Insert(0, new BodyLimit(UsualBodyBytes)));
        endpoints.Finally(endpoint =>
        {
            if (endpoint is RouteEndpointBuilder route && route.RequestDelegate is { } answer)
            {
                var input = new KnownInput(route);
                AddHead(route.Metadata);
                route.RequestDelegate = context => ProblemAnswers.GuardAsync(context, async () =>
                {
                    ExactPath.DecodeValues(context);
                    StoreGate.Check(context);
                    await input.CheckAsync(context);
                    await answer(context);
                });
            }
        });
    }

    /// <summary>Lets HEAD through to endpoints that are not ours.</summary>
    public static void AllowHead(IEndpointConventionBuilder endpoints) => endpoints.Finally(endpoint => AddHead(endpoint.Metadata));

    /// <summary>Lets an endpoint take a larger body, or allows only a smaller one.</summary>
    public static RouteHandlerBuilder WithBodyOf(this RouteHandlerBuilder endpoint, long bytes) =>
        endpoint.WithMetadata(new BodyLimit(bytes)).ProducesProblem(StatusCodes.Status413PayloadTooLarge);

    // The server sends no body to HEAD by itself.
    private static void AddHead(IList<object> metadata)
    {
        for (var i = 0; i < metadata.Count; i++)
        {
            if (metadata[i] is IHttpMethodMetadata { HttpMethods: ["GET"] })
            {
                metadata[i] = new HttpMethodMetadata(["GET", "HEAD"]);
            }
        }
    }

    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
