using FedRec.Cli.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Cli.Hosting;

/// <summary>Where the pages and the API listen.</summary>
internal static class WebFrontEnd
{
    public static void Listen(WebApplicationBuilder builder, WebOptions options, int port) =>
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            if (options.Host == "*")
            {
                kestrel.ListenAnyIP(port);
            }
            else if (port == 0)
            {
                kestrel.Listen(System.Net.IPAddress.Loopback, 0);
            }
            else
            {
                kestrel.ListenLocalhost(port);
            }
        });

    /// <summary>What a person on this machine types into a browser.</summary>
    public static Uri Address(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new Uri($"http://localhost:{new Uri(addresses.First().Replace("[::]", "localhost", StringComparison.Ordinal)).Port}/");
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
