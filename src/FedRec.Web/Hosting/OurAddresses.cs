using Microsoft.AspNetCore.Http;

namespace FedRec.Web.Hosting;

/// <summary>Addresses that this library answers; what else a host serves is its own.</summary>
internal static class OurAddresses
{
    private static readonly PathString[] s_prefixes = ["/fedrec", "/api/v1", "/health", "/openapi"];

    public static bool Contain(PathString path) => path == "/" || Array.Exists(s_prefixes, prefix => path.StartsWithSegments(prefix));
}
