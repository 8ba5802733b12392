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

/// <summary>Refuses values of a request with a reason.</summary>
internal static class Check
{
    public static void Range(long value, long least, long most, string name)
    {
        if (value < least || value > most)
        {
            throw ProblemException.BadRequest($"'{name}' is {value}; it must be from {least} to {most}.");
        }
    }

    public static void AtLeast(long value, long least, string name)
    {
        if (value < least)
        {
            throw ProblemException.BadRequest($"'{name}' is {value}; it must be at least {least}.");
        }
    }

    public static void Share(double value, string name)
    {
        if (!(value is > 0 and < 1))
        {
            throw ProblemException.BadRequest(FormattableString.Invariant($"'{name}' is {value}; it must be more than 0 and less than 1."));
        }
    }

    public static void Name(string value, string name)
    {
        if (!FederationSelector.IsName(value))
        {
            throw ProblemException.BadRequest(
                $"'{name}' is '{value}'; it must be 1 to 100 letters, digits, dots, dashes or underscores.");
        }
    }
}
