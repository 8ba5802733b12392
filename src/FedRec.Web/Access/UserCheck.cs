using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Web.Access;

/// <summary>A body that is about one user.</summary>
internal interface INamesUser
{
    /// <summary>The user's id in the federation.</summary>
    string NamedUser { get; }
}

/// <summary>Keeps a caller who is one user of an app to that user, wherever a request names one: in its address, its query or its body. Every endpoint of the API passes here.</summary>
internal static class UserCheck
{
    public static ValueTask<object?> CheckAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var (context, caller) = (invocation.HttpContext, invocation.HttpContext.RequestServices.GetRequiredService<CallerOfRequest>());
        if (caller.Caller.User is not null)
        {
            var inAddress = context.Request.RouteValues.TryGetValue("user", out var value) ? [(string)value!] : Array.Empty<string>();
            foreach (var user in inAddress.Concat(context.Request.Query["user"].OfType<string>()).Concat(invocation.Arguments.OfType<INamesUser>().Select(body => body.NamedUser)))
            {
                caller.CheckUser(user);
            }
        }

        return next(invocation);
    }
}
