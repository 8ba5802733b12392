using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Web.Hosting;

/// <summary>A place at which a host has the API and the pages.</summary>
/// <param name="Prefix">Such as <c>/fedrec</c>.</param>
internal sealed record Mount(string Prefix)
{
    /// <summary>The prefix as the caller of a request must write it, in a host that is itself below a path.</summary>
    public static string Address(HttpContext context) => context.Request.PathBase.ToUriComponent() + Of(context).Prefix;

    /// <summary>The place that a request is for.</summary>
    public static Mount Of(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<Mount>()
        ?? context.RequestServices.GetRequiredService<Mounts>().Find(context.Request.Path)
        ?? throw new InvalidOperationException("The request is not for an address below a prefix.");
}

/// <summary>The places at which this host has the API and the pages; every other address is the host's own.</summary>
internal sealed class Mounts
{
    private Mount[] _all = [];

    /// <summary>Adds a place.</summary>
    /// <exception cref="ArgumentException">It is no path of plain segments, or is one already.</exception>
    public Mount Add(string prefix)
    {
        var isPlain = prefix is ['/', _, ..] && prefix[1..].Split('/').All(segment => segment.Length > 0 && segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
        if (!isPlain)
        {
            throw new ArgumentException($"The prefix '{prefix}' is not usable: write segments of letters, digits, '-' and '_', such as /fedrec; the root of the host stays the host's own.", nameof(prefix));
        }

        if (Find(prefix) is { } other)
        {
            throw new ArgumentException($"FedRec is at '{other.Prefix}' already; give another prefix than '{prefix}'.", nameof(prefix));
        }

        var mount = new Mount(prefix);
        _all = [.. _all, mount];
        return mount;
    }

    /// <summary>The place that an address is in; null for one that is the host's.</summary>
    public Mount? Find(PathString path) => Array.Find(_all, mount => path.StartsWithSegments(mount.Prefix));
}
