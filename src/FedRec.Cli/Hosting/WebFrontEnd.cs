using System.CommandLine;
using System.Net;
using FedRec.Cli.Configuration;
using FedRec.Hosting;
using FedRec.Web;
using FedRec.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Cli.Hosting;

/// <summary>Where the pages and the API listen, and for whom.</summary>
internal static class WebFrontEnd
{
    private const string Everywhere = "*";

    public static void Listen(WebApplicationBuilder builder, WebOptions options, int port) =>
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (options.Host == Everywhere)
            {
                kestrel.ListenAnyIP(port);
            }
            else if (IPAddress.TryParse(options.Host, out var address))
            {
                kestrel.Listen(address, port);
            }
            else if (port == 0)
            {
                kestrel.Listen(IPAddress.Loopback, 0);
            }
            else
            {
                kestrel.ListenLocalhost(port);
            }
        });

    /// <summary>What the front end is told of the configuration.</summary>
    public static void Configure(FedRecWebOptions web, CommandContext context)
    {
        var options = context.Settings.Web;
        web.Names = options.Names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        web.DataRoot = options.DataRoot.Length > 0 ? context.FullPath(options.DataRoot) : null;
        web.Access.Key = options.ApiKey;
        web.Access.Required = options.RequireKey;
        web.Access.InsecureNoAuth = context.Settings.InsecureNoAuth;
        web.Access.Tokens = context.Settings.Tokens;
        (web.PartyUrl, web.PartyPin) = PartyDoor.Address(context) is { } parties ? (parties.Url, parties.Pin) : (null, "");
    }

    /// <summary>Refuses to serve other machines while nobody has to say who they are, unless there is a key or it is asked for by hand.</summary>
    /// <param name="context">Terminal and configuration.</param>
    /// <param name="insecure">Asked for by hand; then it is said at every start.</param>
    /// <exception cref="CliException">The host is no address, or others could reach it.</exception>
    public static void RequireLoopback(CommandContext context, bool insecure)
    {
        var web = context.Settings.Web;
        var isAddress = IPAddress.TryParse(web.Host, out var address);
        if (!isAddress && web.Host is not ("localhost" or Everywhere))
        {
            throw new CliException(ExitCode.BadConfiguration, $"FedRec:Web:Host is '{web.Host}'; it must be localhost, an address of this machine, or *.",
                "A name under which a reverse proxy reaches this machine belongs into FedRec:Web:Names.");
        }

        if (web.DataRoot.Length > 0 && !Directory.Exists(context.FullPath(web.DataRoot)))
        {
            throw new CliException(ExitCode.BadConfiguration, $"FedRec:Web:DataRoot is '{web.DataRoot}', which is no folder.", "Give an existing folder, or leave it out.");
        }

        RequireTokenKeys(context);
        context.Settings.InsecureNoAuth = insecure;
        var asks = web.ApiKey.Length > 0 || web.RequireKey || context.Settings.Tokens.IsOn;
        if (isAddress ? IPAddress.IsLoopback(address!) : web.Host != Everywhere)
        {
            if (web.Names.Length > 0 && !asks)
            {
                context.Terminal.Error.WriteLine($"WARNING: what a proxy on this machine passes on for {web.Names} is answered as if it came from here, without a key as long as there is none: the proxy must ask who people are.");
            }

            return;
        }

        if (asks)
        {
            context.Terminal.Error.WriteLine($"WARNING: the page and the API listen on {web.Host} without encryption: whoever sees the traffic learns the keys. Put a proxy with TLS in front.");
            return;
        }

        if (!insecure)
        {
            throw new CliException(ExitCode.BadConfiguration,
                $"FedRec:Web:Host is '{web.Host}': every machine that reaches this one could read what users did, start runs and change models, since the web front end asks nobody who they are.",
                "Leave it at localhost, behind a reverse proxy that authenticates, or let it ask: set FedRec:Web:ApiKey, or make a key ('fedrec access key create') and set FedRec:Web:RequireKey=true. "
                + "Or give --insecure-no-auth where everybody on the network may do all that.");
        }

        context.Terminal.Error.WriteLine($"WARNING: the page and the API listen on {web.Host} without authentication (--insecure-no-auth): whoever reaches them reads users' histories and changes models.");
    }

    private static void RequireTokenKeys(CommandContext context)
    {
        var tokens = context.Settings.Tokens;
        tokens.KeysFile = tokens.KeysFile.Length > 0 ? context.FullPath(tokens.KeysFile) : "";
        if (tokens.Wrong is { } wrong)
        {
            throw new CliException(ExitCode.BadConfiguration, $"FedRec:Web:Tokens: {wrong}", "silo-config/README.md says what each key is for.");
        }

        try
        {
            _ = tokens.KeysFile.Length > 0 ? TokenKeys.Read(tokens.KeysFile) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new CliException(ExitCode.BadConfiguration, $"FedRec:Web:Tokens:KeysFile: {e.Message}", "Give a file with the issuer's public keys.", e);
        }
    }

    /// <summary>The port that is meant: the given one, else the configured one.</summary>
    public static int Port(CommandContext context, Option<int> given) => context.Value(given) is >= 0 and var port ? port : context.Settings.Web.Port;

    /// <summary>What is where.</summary>
    /// <param name="web">The root of the front end.</param>
    public static SortedDictionary<string, string> Addresses(Uri web) => new(StringComparer.Ordinal)
    {
        ["page"] = $"{web}fedrec",
        ["api"] = $"{web}api/v1/federations",
        ["openapi"] = $"{web}openapi/v1.json",
    };

    /// <summary>Waits, still serving, until whoever sends requests here has had time to notice that this process is about to end.</summary>
    public static async Task DrainAsync(CommandContext context, IServiceProvider services)
    {
        if (context.Settings.Web.DrainSeconds is > 0 and var seconds)
        {
            services.GetRequiredService<FedRecReadiness>().End();
            context.Say($"Not ready any more; it still serves, and ends in {seconds} s.");
            await Task.Delay(TimeSpan.FromSeconds(seconds));
        }
    }

    /// <summary>What a person on this machine types into a browser.</summary>
    public static Uri Address(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var bound = new Uri(addresses.First());
        var isOwn = IPAddress.TryParse(bound.DnsSafeHost, out var address) && !IPAddress.IsLoopback(address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any);
        return isOwn ? bound : new Uri($"http://localhost:{bound.Port}/");
    }

    /// <summary>Finds a taken port before anything is started.</summary>
    /// <exception cref="CliException">Something listens there.</exception>
    public static void RequireFree(int? wanted)
    {
        if (wanted is { } port and > 0 && !FreePorts.IsFree(port))
        {
            throw new CliException(ExitCode.Failed, $"Port {port} is taken by another program.", $"Give another port with --port {(port < 65535 ? port + 1 : 5080)}, or --port 0 for a free one.");
        }
    }
}

/// <summary>This program serves nothing but FedRec: <c>/api/v1</c>, <c>/health</c> and all others are short for the same below the prefix, and <c>/</c> leads to the page.</summary>
internal sealed class ShortAddresses : IStartupFilter
{
    /// <summary>Where the pages and the API are.</summary>
    public const string Prefix = "/fedrec";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseHsts(); // where a request came by https, and not to this machine's own name
        app.Use(LengthenAsync);
        next(app);
    };

    private static Task LengthenAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        if (request.Path == "/" && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)))
        {
            context.Response.Redirect(Prefix);
            return Task.CompletedTask;
        }

        if (!request.Path.StartsWithSegments(Prefix) && context.Features.Get<IHttpRequestFeature>() is { } sent)
        {
            var host = sent.RawTarget.IndexOf("://", StringComparison.Ordinal); // a proxy sends the whole address
            var path = host < 0 ? 0 : sent.RawTarget.IndexOf('/', host + 3);
            sent.RawTarget = path < 0 ? sent.RawTarget + Prefix : sent.RawTarget.Insert(path, Prefix);
            request.Path = new PathString(Prefix).Add(request.Path);
        }

        return next(context);
    }
}
