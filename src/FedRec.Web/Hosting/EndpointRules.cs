using FedRec.Web.Access;
using Microsoft.AspNetCore.Authorization;
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
                route.RequestDelegate = context => OwnServices.UseAsync(context, () => ProblemAnswers.GuardAsync(context, async () =>
                {
                    SecurityHeaders.Ensure(context);
                    HostCheck.Check(context);
                    SiteCheck.Check(context);
                    ExactPath.DecodeValues(context);
                    await AccessGate.CheckAsync(context);
                    StoreGate.Check(context);
                    await input.CheckAsync(context);
                    await AccessLog.NoteAsync(context, () => answer(context));
                }));
            }
        });
    }

    /// <summary>Gives the endpoints names that no other endpoint of the host has; the word after the last colon is the operation's.</summary>
    public static void Name(IEndpointConventionBuilder endpoints, Mount mount) => endpoints.Finally(endpoint =>
    {
        for (var i = 0; i < endpoint.Metadata.Count; i++)
        {
            if (endpoint.Metadata[i] is IEndpointNameMetadata name)
            {
                endpoint.Metadata[i] = new EndpointNameMetadata($"{mount.Prefix}:{name.EndpointName}");
            }
        }
    });

    /// <summary>What holds also for endpoints below a prefix that are not written here.</summary>
    public static void ApplyToForeign(IEndpointConventionBuilder endpoints) => endpoints.Finally(endpoint =>
    {
        AddHead(endpoint.Metadata);
        foreach (var open in endpoint.Metadata.OfType<IAllowAnonymous>().ToList())
        {
            endpoint.Metadata.Remove(open); // who may see them is for the host to say
        }

        if (endpoint.RequestDelegate is { } answer)
        {
            endpoint.RequestDelegate = context => ProblemAnswers.GuardAsync(context, async () =>
            {
                SecurityHeaders.Ensure(context);
                HostCheck.Check(context);
                SiteCheck.Check(context);
                await AccessGate.CheckAsync(context);
                await answer(context);
            });
        }
    });

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
