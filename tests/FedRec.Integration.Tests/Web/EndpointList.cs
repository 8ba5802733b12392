using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Integration.Tests.Web;

/// <summary>An address that a host answers, and a method.</summary>
/// <param name="Endpoint">The endpoint as it is mapped.</param>
/// <param name="Method">Such as GET.</param>
/// <param name="Pattern">Below the prefix, such as <c>/api/v1/runs/{id}</c>; empty for the page.</param>
internal sealed record MappedAddress(RouteEndpoint Endpoint, string Method, string Pattern)
{
    public override string ToString() => $"{Method} {Pattern}";

    /// <summary>The address with values for its parameters.</summary>
    public string With(params (string Name, string Value)[] values) => "/fedrec" + string.Join('/', Pattern.Split('/').Select(segment =>
    {
        if (segment is not ['{', .., '}'])
        {
            return segment;
        }

        var (name, constraint) = segment[1..^1].Split(':') is [var bare, var kind] ? (bare, kind) : (segment[1..^1], "");
        var given = Array.Find(values, value => value.Name == name).Value;
        return given is not null ? Uri.EscapeDataString(given) : constraint is "int" or "long" ? "1" : "x";
    }));
}

/// <summary>What a host has mapped, as its routing has it: nobody writes such a list by hand and forgets a line.</summary>
internal static class EndpointList
{
    public static IReadOnlyList<MappedAddress> Of(WebHost host) =>
    [
        .. from endpoint in host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
           let pattern = "/" + endpoint.RoutePattern.RawText!.Trim('/')
           select new MappedAddress(endpoint, method, pattern["/fedrec".Length..]),
    ];
}
