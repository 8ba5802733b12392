using FedRec.Contracts;
using FedRec.Web.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Web.Hosting;

/// <summary>Refuses changes while the store is away, at once and with the reason, instead of letting a grain find out.</summary>
internal static class StoreGate
{
    /// <summary>Says that an endpoint changes nothing, whatever its method.</summary>
    public static RouteHandlerBuilder ChangesNothing(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new Question());

    /// <exception cref="ProblemException">The request wants a change that cannot be stored.</exception>
    public static void Check(HttpContext context)
    {
        var method = context.Request.Method;
        if (!HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && context.GetEndpoint()?.Metadata.GetMetadata<Question>() is null)
        {
            RequireStore(context.RequestServices);
        }
    }

    /// <exception cref="ProblemException">The store is away.</exception>
    public static void RequireStore(IServiceProvider services)
    {
        if (services.GetService<IStoreStatus>()?.Problem is { } problem)
        {
            throw new ProblemException(StatusCodes.Status503ServiceUnavailable, "Store not available", problem);
        }
    }

    private sealed record Question;
}
