using Microsoft.AspNetCore.Builder;

namespace FedRec.Web.Access;

/// <summary>Who somebody can be to an endpoint.</summary>
[Flags]
internal enum AccessRoles
{
    /// <summary>Nobody.</summary>
    None = 0,

    /// <summary>Sees everything, changes nothing.</summary>
    Viewer = 1,

    /// <summary>Asks for lists for its users, and records what they do.</summary>
    App = 2,

    /// <summary>Does everything.</summary>
    Operator = 4,

    /// <summary>A party with a process of its own, which signs each request with its key: <see cref="Parties.PartyGate"/>.</summary>
    Party = 8,

    /// <summary>Whoever asks.</summary>
    Anybody = 16,
}

/// <summary>Whom an endpoint is for. Each says so itself; one that does not is for nobody.</summary>
/// <param name="Roles">Any of these.</param>
/// <param name="OfAll">Whether it is about more than one federation, and so not for those who are bound to one.</param>
internal sealed record AccessNeed(AccessRoles Roles, bool OfAll = false);

/// <summary>Says whom an endpoint is for.</summary>
internal static class AccessNeeds
{
    /// <summary>For whoever asks: it tells of nobody.</summary>
    public static TBuilder ForAnybody<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessNeed(AccessRoles.Anybody));

    /// <summary>For everybody who has said who they are.</summary>
    public static TBuilder ForAll<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessNeed(AccessRoles.Viewer | AccessRoles.App | AccessRoles.Operator));

    /// <summary>For those who look.</summary>
    public static TBuilder ForViewers<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessNeed(AccessRoles.Viewer | AccessRoles.Operator));

    /// <summary>For applications, on behalf of their users.</summary>
    public static TBuilder ForApps<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessNeed(AccessRoles.App | AccessRoles.Operator));

    /// <summary>For operators.</summary>
    public static TBuilder ForOperators<TBuilder>(this TBuilder endpoint, bool ofAll = false)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessNeed(AccessRoles.Operator, ofAll));

    /// <summary>For parties with a process of their own.</summary>
    public static TBuilder ForParties<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new AccessNeed(AccessRoles.Party));
}
