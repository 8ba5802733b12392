using System.Text.Json;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;

namespace FedRec.Web.Hosting;

/// <summary>Turns an exception into a problem answer that says what to do and shows nothing of the inside.</summary>
internal sealed partial class ProblemExceptionHandler(IProblemDetailsService problems, ILogger<ProblemExceptionHandler> logger)
    : IExceptionHandler
{
    public ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = Describe(exception);
        if (problem.Status >= StatusCodes.Status500InternalServerError)
        {
            LogFailure(exception, httpContext.Request.Method, problem.Status.Value);
        }

        httpContext.Response.StatusCode = problem.Status ?? StatusCodes.Status500InternalServerError;
        return problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem });
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
