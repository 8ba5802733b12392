using FedRec.Web.Access;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;

namespace FedRec.Web.Dashboard;

/// <summary>Renders a Razor component to HTML once; everything it prints is encoded by Razor.</summary>
internal sealed class PageRenderer(IServiceProvider services, ILoggerFactory log, CallerOfRequest caller)
{
    /// <summary>Renders a component whose only parameter is called <c>Model</c>, or that has none.</summary>
    public async Task<ContentHttpResult> RenderAsync<TComponent>(HttpContext context, object? model = null, int status = StatusCodes.Status200OK)
        where TComponent : IComponent
    {
        var parameters = new Dictionary<string, object?> { [nameof(MountedPage.At)] = Mount.Address(context), [nameof(MountedPage.Page)] = typeof(TComponent) };
        parameters[nameof(MountedPage.MayChange)] = caller.IsOperator;
        parameters[nameof(MountedPage.Who)] = caller.Caller.IsLogin ? caller.Caller.Name : null;
        if (model is not null)
        {
            parameters[nameof(MountedPage.Parameters)] = new Dictionary<string, object> { ["Model"] = model };
        }

        await using var renderer = new HtmlRenderer(services, log);
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<MountedPage>(ParameterView.FromDictionary(parameters))).ToHtmlString());
        return TypedResults.Content(html, "text/html; charset=utf-8", statusCode: status);
    }
}
