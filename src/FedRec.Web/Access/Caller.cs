using FedRec.Contracts.Access;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Http;

namespace FedRec.Web.Access;

/// <summary>Who sends a request.</summary>
/// <param name="Name">For the log of changes: how the caller is known, never a secret.</param>
/// <param name="Role">What the caller may do.</param>
/// <param name="Federation">The only federation that the caller may name; null for all of them.</param>
/// <param name="User">The only user whom the caller may name; null for all of them.</param>
internal sealed record Caller(string Name, AccessRoles Role, string? Federation = null, string? User = null)
{
    /// <summary>Whoever is at this machine, where nobody has to say who they are.</summary>
    public static Caller Local { get; } = new("this machine", AccessRoles.Operator);

    /// <summary>Whoever asks, where everybody on the network may do everything.</summary>
    public static Caller Anybody { get; } = new("anybody", AccessRoles.Operator);

    /// <summary>Whoever has the configured key.</summary>
    public static Caller Configured { get; } = new("the configured key", AccessRoles.Operator);

    /// <summary>Whether the caller has logged in to the page, so that a browser sends the cookie by itself.</summary>
    public bool IsLogin { get; init; }

    /// <summary>Whoever has not said who they are.</summary>
    public static Caller Nobody { get; } = new("nobody", AccessRoles.None);

    /// <summary>Who has a key.</summary>
    public static Caller Of(AccessKeyRecord key) => new($"key {key.Id} ({key.Name})", RoleOf(key.Role), key.Federation);

    /// <summary>What a role of a key is to an endpoint.</summary>
    public static AccessRoles RoleOf(AccessRole role) => role switch
    {
        AccessRole.Viewer => AccessRoles.Viewer,
        AccessRole.App => AccessRoles.App,
        AccessRole.Operator => AccessRoles.Operator,
        _ => AccessRoles.None, // of a later release: nothing that this one knows
    };
}

/// <summary>Who sends the request that is being answered; nobody until <see cref="AccessGate"/> has looked.</summary>
internal sealed class CallerOfRequest
{
    /// <summary>Who it is.</summary>
    public Caller Caller { get; set; } = Caller.Nobody;

    /// <summary>Whether the caller may do what operators do.</summary>
    public bool IsOperator => Caller.Role.HasFlag(AccessRoles.Operator);

    /// <summary>The federation that is asked for, if the caller may name it. Every way to the grains of a federation goes through here.</summary>
    /// <exception cref="ProblemException">The caller is bound to another one, and learns no more of this one than of one that is not there.</exception>
    public string Own(string federation) => Caller.Federation is null || Caller.Federation == federation ? federation
        : throw ProblemException.NotFound("No such federation", $"There is no federation '{federation}' for this key, which is good for '{Caller.Federation}'.");

    /// <summary>Refuses what is about another user than the caller's own.</summary>
    /// <exception cref="ProblemException">It is.</exception>
    public void CheckUser(string user)
    {
        if (Caller.User is { } own && own != user)
        {
            throw new ProblemException(StatusCodes.Status403Forbidden, "Another user", "This token is good for its own user only (sub), and the request names another one.");
        }
    }
}
