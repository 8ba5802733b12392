using System.Diagnostics;
using System.Text.Json;
using FedRec.Contracts.Runs;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace FedRec.Web.Api;

/// <summary>Writes a run's events as they come, in the format of the WHATWG HTML standard, section 9.2.</summary>
/// <remarks>Written by hand because the framework's writer knows no comments, and a silent connection is cut by proxies.
/// A grain call that fails in mid-stream breaks the connection; the reader comes back with <c>Last-Event-ID</c>.</remarks>
internal sealed class RunEventStream(IRunGrain run, long after, TimeSpan heartbeat) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var stopping = httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        try
        {
            await WriteAsync(httpContext, end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The reader has left or the host stops: the stream just ends.
        }
    }

    private async Task WriteAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var page = await run.ReadEventsAsync(after, TimeSpan.Zero, cancellationToken);
        if (page is { Ended: true, Events.Length: 0 })
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent; // tells a browser not to come back
            return;
        }

        Begin(context);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        var json = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        await context.Response.WriteAsync("retry: 2000\n\n", cancellationToken);
        for (var (seen, written) = (after, Stopwatch.GetTimestamp()); ; page = await run.ReadEventsAsync(seen, heartbeat, cancellationToken))
        {
            if (page is { Events.IsEmpty: true, Ended: false } && Stopwatch.GetElapsedTime(written) < heartbeat)
            {
                continue; // the run answers sooner than it is asked to
            }

            foreach (var e in page.Events)
            {
                seen = e.Id;
                var data = JsonSerializer.Serialize(EventView.From(e), json);
                await context.Response.WriteAsync($"id: {e.Id}\nevent: {e.Kind}\ndata: {data}\n\n", cancellationToken);
            }

            if (page.Ended)
            {
                return;
            }

            if (page.Events.IsEmpty)
            {
                await context.Response.WriteAsync(": heartbeat\n\n", cancellationToken);
            }

            await context.Response.Body.FlushAsync(cancellationToken);
            written = Stopwatch.GetTimestamp();
        }
    }

    private static void Begin(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // a buffering proxy would hold events back
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }
}
