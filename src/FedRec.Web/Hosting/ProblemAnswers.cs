using System.Text.Json;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FedRec.Web.Hosting;

/// <summary>Turns an exception into a problem answer that says what to do and shows nothing of the inside.</summary>
/// <remarks>Around each endpoint instead of around the pipeline: a host in the Development environment puts its own
/// page of exceptions in between, and every 404 would become a stack trace.</remarks>
internal sealed partial class ProblemAnswers(IProblemDetailsService problems, ILogger<ProblemAnswers> logger)
{
    /// <summary>Answers the exceptions of these endpoints.</summary>
    public static void Around(IEndpointConventionBuilder endpoints) => endpoints.Finally(endpoint =>
    {
        if (endpoint.RequestDelegate is { } answer)
        {
            endpoint.RequestDelegate = context => GuardAsync(context, answer);
        }
    });

    private static async Task GuardAsync(HttpContext context, RequestDelegate answer)
    {
        try
        {
            await answer(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await context.RequestServices.GetRequiredService<ProblemAnswers>().WriteAsync(context, e);
        }
    }

    private async Task WriteAsync(HttpContext context, Exception exception)
    {
        var problem = Describe(exception);
        var status = problem.Status ?? StatusCodes.Status500InternalServerError;
        if (status >= StatusCodes.Status500InternalServerError)
        {
            LogFailure(exception, context.Request.Method, status);
        }

        context.Response.Clear();
        context.Response.StatusCode = status;
        // A reader that takes no JSON, such as an event stream, gets the status alone.
        await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem });
    }

    private static ProblemDetails Describe(Exception exception) => exception switch
    {
        ProblemException known => known.Problem,
        BadHttpRequestException { InnerException: JsonException json } => Problem(StatusCodes.Status400BadRequest, "Body not usable",
            $"The JSON body cannot be read at '{json.Path ?? "$"}', line {json.LineNumber + 1}: an unknown key, a missing key or a " +
            "wrong kind of value. /openapi/v1.json describes the body."),
        BadHttpRequestException bad => Problem(bad.StatusCode, "Request not usable", bad.Message),
        TimeoutException or OrleansException => Problem(StatusCodes.Status503ServiceUnavailable, "Cluster not available",
            "The cluster did not answer in time or could not reach its store. Try again; /health/ready tells when it is back."),
        _ => Problem(StatusCodes.Status500InternalServerError, "Internal error",
            "FedRec could not answer this request. The reason is in the log of the server."),
    };

    private static ProblemDetails Problem(int status, string title, string detail) =>
        new() { Status = status, Title = title, Detail = detail };

    // The path is not logged: it can hold a user's id.
    [LoggerMessage(1, LogLevel.Error, "A {Method} request ended with status {Status}")]
    private partial void LogFailure(Exception exception, string method, int status);
}
