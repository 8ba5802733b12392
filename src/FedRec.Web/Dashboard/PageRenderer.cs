using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FedRec.Web.Dashboard;

/// <summary>Renders a Razor component to HTML once; everything it prints is encoded by Razor.</summary>
internal sealed class PageRenderer(HtmlRenderer renderer)
{
    /// <summary>Renders a component whose only parameter is called <c>Model</c>, or that has none.</summary>
    public async Task<ContentHttpResult> RenderAsync<TComponent>(object? model = null, int status = StatusCodes.Status200OK)
        where TComponent : IComponent
    {
        var parameters = model is null ? ParameterView.Empty
            : ParameterView.FromDictionary(new Dictionary<string, object?> { ["Model"] = model });
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<TComponent>(parameters)).ToHtmlString());
        return TypedResults.Content(html, "text/html; charset=utf-8", statusCode: status);
    }
}
