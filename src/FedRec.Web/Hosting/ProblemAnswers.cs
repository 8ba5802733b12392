using System.Text.Json;
using System.Text.RegularExpressions;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FedRec.Web.Hosting;

/// <summary>Turns an exception into a problem answer (RFC 9457) that says what to do and shows nothing of the inside.</summary>
/// <remarks>Around each endpoint instead of around the pipeline: a host in the Development environment puts its own
/// page of exceptions in between, and every 404 would become a stack trace.</remarks>
internal sealed partial class ProblemAnswers(ILogger<ProblemAnswers> logger)
{
    private const string RetryAfterSeconds = "5";

    /// <summary>Answers the exceptions of an endpoint.</summary>
    public static async Task GuardAsync(HttpContext context, Func<Task> answer)
    {
        try
        {
            await answer();
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await context.RequestServices.GetRequiredService<ProblemAnswers>().WriteAsync(context, e);
        }
    }

    /// <summary>Answers what no endpoint has answered: an unknown address, method or kind of body.</summary>
    public static void ForEmptyAnswers(IApplicationBuilder app) => app.UseStatusCodePages(pages => WriteAsync(pages.HttpContext, Unanswered(pages)));

    /// <summary>Writes a problem, whatever the caller says it accepts: JSON is what all errors here are.</summary>
    public static async Task WriteAsync(HttpContext context, ProblemDetails problem)
    {
        var status = context.Response.StatusCode = problem.Status ?? StatusCodes.Status500InternalServerError;
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        }

        problem.Detail = problem.Detail is { } detail ? OwnAddress().Replace(detail, Mount.Address(context)) : null;
        await context.Response.WriteAsJsonAsync(problem, OwnServices.Json.SerializerOptions, "application/problem+json", context.RequestAborted);
    }

    private async Task WriteAsync(HttpContext context, Exception exception)
    {
        var problem = Describe(context, exception);
        if (problem.Status >= StatusCodes.Status500InternalServerError)
        {
            LogFailure(exception, context.Request.Method, problem.Status.Value);
        }

        context.Response.Clear();
        if (context.GetEndpoint()?.Metadata.GetMetadata<ProblemPage>() is not { } page || !await page.TryShowAsync(context, problem))
        {
            await WriteAsync(context, problem);
        }
    }

    /// <summary>The status that an exception is answered with.</summary>
    public static int StatusOf(HttpContext context, Exception exception) => Describe(context, exception).Status!.Value;

    private static ProblemDetails Describe(HttpContext context, Exception exception) => exception switch
    {
        ProblemException known => known.Problem,
        BadHttpRequestException { InnerException: JsonException json } => Problem(400, "Body not usable", BodyWords.For(context, json)),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            Problem(413, "Body too large", "The body is larger than this address takes; send less at once."),
        BadHttpRequestException { StatusCode: 400 } bad when bad.Message.Contains("body", StringComparison.Ordinal) =>
            Problem(400, "Body not usable", $"The body is empty or null; its keys are {string.Join(", ", BodyWords.Members(context))}."),
        IOException { InnerException: OverflowException } => Problem(400, "Request not usable", "The body says the length of a chunk that no chunk has."), // so the server, of chunked bodies
        BadHttpRequestException bad => Problem(bad.StatusCode, "Request not usable", bad.Message),
        DataNotUsableException data => Problem(409, "Data not usable", data.Guarded),
        ArgumentException argument => Problem(400, "Request not usable", WithoutParameter(argument)),
        _ when IsOutOfSpace(exception) => Problem(507, "Store full", // what the system says of it names folders
            "The store has no room for what this asks to keep, or for what the run does. Free some space on its disk and try again."),
        SiloLabelException label => Problem(503, "No silo for this data", label.Message),
        TimeoutException or OrleansException => Problem(503, "Cluster not available",
            "The cluster did not answer in time or could not reach its store. Try again; ~/health/ready tells when it is back."),
        _ => Problem(500, "Internal error", "FedRec could not answer this request. The reason is in the log of the server."),
    };

    // As the system says it of a disk, on Unix and on Windows, and stores of theirs.
    private static bool IsOutOfSpace(Exception? exception) =>
        exception is IOException { HResult: 28 or unchecked((int)0x80070070) } || (exception is not null && IsOutOfSpace(exception.InnerException));

    private static ProblemDetails Unanswered(StatusCodeContext pages)
    {
        var (response, status) = (pages.HttpContext.Response, pages.HttpContext.Response.StatusCode);
        return Problem(status, ReasonPhrases.GetReasonPhrase(status), status switch
        {
            404 => "There is nothing at this address. ~/openapi/v1.json lists the API, and the page is where its address begins.",
            405 => $"This address takes {response.Headers.Allow}.",
            415 => "The body must be JSON: send Content-Type: application/json.",
            _ => "The request could not be answered.",
        });
    }

    // For people: what is wrong, without the name of the parameter that .NET adds.
    private static string WithoutParameter(ArgumentException exception) =>
        exception.ParamName is { } name ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : exception.Message;

    private static ProblemDetails Problem(int status, string title, string detail) => new() { Status = status, Title = title, Detail = detail };

    // An address of this library in a sentence is written ~/api/v1, wherever the host has it.
    [GeneratedRegex("~(?=/(api/v1|openapi|health)/)")]
    private static partial Regex OwnAddress();

    // The path is not logged: it can hold a user's id.
    [LoggerMessage(1, LogLevel.Error, "A {Method} request ended with status {Status}")]
    private partial void LogFailure(Exception exception, string method, int status);
}

/// <summary>How an endpoint for people shows some problems, as a page.</summary>
/// <param name="TryShowAsync">Answers with a page, or says that the problem is none that it shows.</param>
internal sealed record ProblemPage(Func<HttpContext, ProblemDetails, Task<bool>> TryShowAsync);
