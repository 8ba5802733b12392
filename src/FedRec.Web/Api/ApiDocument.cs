using Microsoft.AspNetCore.OpenApi;

namespace FedRec.Web.Api;

/// <summary>The OpenAPI document.</summary>
internal static class ApiDocument
{
    public static void Configure(OpenApiOptions options) => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info.Title = "FedRec";
        document.Info.Version = "v1";
        document.Info.Description =
            "Trains a recommender federatedly and serves it. A request without 'federation' is about the one that was active last. " +
            "Errors are problem details (RFC 9457).";
        return Task.CompletedTask;
    });
}
