using FedRec.Cli.Parties;
using FedRec.Contracts.RemoteParties;
using FedRec.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Cli.Hosting;

/// <summary>The port at which parties come in: open to every network, with TLS, and with nothing behind it but the addresses for parties.</summary>
/// <param name="port">The port; 0 for none.</param>
internal sealed class PartyDoor(int port) : IStartupFilter
{
    /// <summary>Listens there.</summary>
    public static void Listen(WebApplicationBuilder builder, CommandContext context)
    {
        if (context.Settings.Web.PartyPort is > 0 and var port)
        {
            var certificate = PartyCertificate.Open(context);
            builder.WebHost.UseKestrelHttpsConfiguration();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(port, listen => listen.UseHttps(certificate)));
        }

        builder.Services.AddSingleton<IStartupFilter>(new PartyDoor(context.Settings.Web.PartyPort));
    }

    /// <summary>Where parties reach whoever has this configuration, and by what certificate they know it; null where only those of the same machine do.</summary>
    /// <exception cref="CliException">The configured address or certificate cannot be used.</exception>
    public static PartyAddress? Address(CommandContext context)
    {
        var web = context.Settings.Web;
        if (web is { PartyUrl: "", PartyPort: 0 })
        {
            return null;
        }

        var text = web.PartyUrl.Length > 0 ? web.PartyUrl : $"https://{System.Net.Dns.GetHostName()}:{web.PartyPort}/";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || !PartyCode.IsSafe(url))
        {
            throw new CliException(ExitCode.BadConfiguration, $"FedRec:Web:PartyUrl is '{text}', which is no address that parties could go to.", "Give one with https, such as https://fedrec.example.org.");
        }

        return new PartyAddress(url, url.Scheme == "https" && web is { PartyPort: > 0, PartyCertificate: "" } ? PartyConnection.PinOf(PartyCertificate.Open(context)) : ""); // a given certificate is one that everybody trusts
    }

    /// <inheritdoc/>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (port > 0)
        {
            app.Use((context, following) => context.Connection.LocalPort != port || context.Request.Path.StartsWithSegments("/party/v1") ? following(context) : RefuseAsync(context));
        }

        next(app);
    };

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        var problem = new ProblemDetails { Status = StatusCodes.Status404NotFound, Title = "Not Found", Detail = "This port is for parties (/party/v1) and for nothing else; the page and the API have a port of their own." };
        return context.Response.WriteAsJsonAsync(problem, options: null, "application/problem+json", context.RequestAborted);
    }
}
