using FedRec.Web.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace FedRec.Web.Hosting;

/// <summary>Routes of a host whose endpoints read and write JSON as the API does, whatever the host has set for its own.</summary>
internal sealed class OwnRoutes(IEndpointRouteBuilder host) : IEndpointRouteBuilder
{
    /// <summary>Asked while an endpoint is built, which is when it learns how it reads a body.</summary>
    public IServiceProvider ServiceProvider { get; } = new OwnServices(host.ServiceProvider);

    public ICollection<EndpointDataSource> DataSources => host.DataSources;

    public IApplicationBuilder CreateApplicationBuilder() => host.CreateApplicationBuilder();
}

/// <summary>The services of a host, but with the options that this library's endpoints have for themselves.</summary>
internal sealed class OwnServices(IServiceProvider host) : IServiceProvider, IKeyedServiceProvider
{
    private static readonly IOptions<JsonOptions> s_json = CreateJson();
    private static readonly IOptions<RouteHandlerOptions> s_routes = Options.Create(new RouteHandlerOptions { ThrowOnBadRequest = true }); // so that the reason reaches the caller

    /// <summary>How the API reads and writes JSON.</summary>
    public static JsonOptions Json => s_json.Value;

    public object? GetService(Type serviceType) =>
        serviceType == typeof(IOptions<JsonOptions>) ? s_json
        : serviceType == typeof(IOptions<RouteHandlerOptions>) ? s_routes
        : host.GetService(serviceType);

    public object? GetKeyedService(Type serviceType, object? serviceKey) => ((IKeyedServiceProvider)host).GetKeyedService(serviceType, serviceKey);

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => ((IKeyedServiceProvider)host).GetRequiredKeyedService(serviceType, serviceKey);

    /// <summary>Answers a request with these services.</summary>
    public static async Task UseAsync(HttpContext context, Func<Task> answer)
    {
        var services = context.RequestServices;
        context.RequestServices = new OwnServices(services); // results write with the options that they find here
        try
        {
            await answer();
        }
        finally
        {
            context.RequestServices = services;
        }
    }

    private static IOptions<JsonOptions> CreateJson()
    {
        var options = new JsonOptions();
        ApiJson.Configure(options);
        return Options.Create(options);
    }
}
