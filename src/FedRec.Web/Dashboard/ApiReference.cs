using System.Security.Cryptography;
using FedRec.Web.Access;
using FedRec.Web.Hosting;
using Microsoft.AspNetCore.Routing;
using Scalar.AspNetCore;

namespace FedRec.Web.Dashboard;

/// <summary>The API for people to read and try, made in the browser from the OpenAPI document; everything it loads comes from here.</summary>
internal static class ApiReference
{
    public static void Map(IEndpointRouteBuilder app) => EndpointRules.ApplyToForeign(app.MapScalarApiReference("/api", (options, context) =>
    {
        options.Nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        SecurityHeaders.AllowNonce(context, options.Nonce);
        options.Title = "FedRec API";
        options.OpenApiRoutePattern = $"{Mount.Address(context)}/openapi/v1.json";
        options.DefaultFonts = false; // they would come from elsewhere
        options.Telemetry = false;
        options.ShowDeveloperTools = DeveloperToolsVisibility.Never; // they share the document with a service elsewhere
        options.HideClientButton = true;
        options.DisableAgent().DisableMcp();
    }).ForAll());
}
