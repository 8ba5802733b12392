using System.Reflection;
using System.Security.Cryptography;
using FedRec.Web.Access;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace FedRec.Web.Dashboard;

/// <summary>The embedded scripts, styles and pictures of the pages.</summary>
internal static class AssetCatalogue
{
    private const string Prefix = "Assets/";

    private static readonly Dictionary<string, Asset> s_assets = Load();

    /// <summary>Changes with any asset, so that pages can name assets that a browser may keep for ever.</summary>
    public static string Version { get; } = Convert.ToHexStringLower(
        SHA256.HashData([.. s_assets.OrderBy(a => a.Key, StringComparer.Ordinal).SelectMany(a => a.Value.Bytes)]))[..12];

    public static Asset? Find(string name) => s_assets.GetValueOrDefault(name);

    /// <summary>Address of an asset.</summary>
    /// <param name="at">Where the host has the pages.</param>
    /// <param name="name">Its file.</param>
    public static string Path(string at, string name) =>
        s_assets.ContainsKey(name) ? $"{at}/assets/{Version}/{name}" : throw new ArgumentException($"There is no asset '{name}'.", nameof(name));

    private static Dictionary<string, Asset> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(n => n[Prefix.Length..], n => Read(assembly, n), StringComparer.Ordinal);
    }

    private static Asset Read(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new Asset(bytes, ContentType(resource), $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"");
    }

    private static string ContentType(string name) => System.IO.Path.GetExtension(name) switch
    {
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".txt" => "text/plain; charset=utf-8",
        var other => throw new InvalidOperationException($"Asset '{name}' has an unknown kind '{other}'."),
    };
}

/// <summary>One embedded file.</summary>
/// <param name="Bytes">Its bytes.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="ETag">Entity tag, with quotes.</param>
internal sealed record Asset(byte[] Bytes, string ContentType, string ETag);

/// <summary>Serves the embedded assets.</summary>
internal static class AssetEndpoints
{
    public static void Map(IEndpointRouteBuilder pages) => pages.MapGet("/assets/{version}/{name}", Get).ForAnybody();

    private static FileContentHttpResult Get(string version, string name, HttpResponse response)
    {
        var asset = AssetCatalogue.Find(name) ?? throw ProblemException.NotFound("No such asset", $"There is no asset '{name}'.");
        // An address of this build never changes its meaning; any other one is asked for again.
        response.Headers.CacheControl = version == AssetCatalogue.Version ? "public, max-age=31536000, immutable" : "no-cache";
        return TypedResults.Bytes(asset.Bytes, asset.ContentType, entityTag: new EntityTagHeaderValue(asset.ETag));
    }
}
