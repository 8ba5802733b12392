using FedRec.Cli.Parties;
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
