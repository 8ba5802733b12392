using Microsoft.AspNetCore.Mvc;

namespace FedRec.Web.Api;

/// <summary>Ends a request with a problem answer (RFC 9457).</summary>
internal sealed class ProblemException(int status, string title, string detail) : Exception(detail)
{
    public ProblemDetails Problem { get; } = new() { Status = status, Title = title, Detail = detail };

    public static ProblemException NotFound(string title, string detail) => new(404, title, detail);

    public static ProblemException BadRequest(string detail) => new(400, "Request not usable", detail);

    public static ProblemException Conflict(string title, string detail) => new(409, title, detail);
}
