using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FedRec.Web.Api;

/// <summary>The OpenAPI document.</summary>
internal static class ApiDocument
{
    // The same word means the same thing in every address.
    private static readonly Dictionary<string, string> s_parameters = new()
    {
        ["federation"] = "Federation; the most recently active one when left out.",
        ["id"] = "Run, such as run-3.",
        ["run"] = "Run; the active or newest one when left out.",
        ["n"] = "Round, from 1.",
        ["limit"] = "Runs wanted, 1 to 200.",
        ["format"] = "json or csv.",
        ["after"] = "Number of the last event seen; the header Last-Event-ID goes before it.",
        ["version"] = "Model version; for recommendations and similar items 0 is the one in use.",
        ["user"] = "Original user id.",
        ["item"] = "Original item id.",
        ["k"] = "Items wanted, 1 to 1,000.",
        ["exclude"] = "Original id of an item that is not wanted; may be given several times, up to 10,000. One that is not in the catalogue is refused.",
        ["tag"] = "Only items with this tag, as it is written in the catalogue; given several times, with any of them. One that no item has is refused.",
        ["offset"] = "Places of the list to skip, so that ranks go on from page to page; with k at most 10,000.",
        ["explain"] = "Whether reasons are wanted.",
        ["prefix"] = "Beginning of the user ids wanted.",
        ["count"] = "Users wanted, 1 to 1,000.",
    };

    public static void Configure(OpenApiOptions options)
    {
        options.ShouldInclude = description => description.HttpMethod != HttpMethods.Head; // GET says it all
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "FedRec";
            document.Info.Version = "v1";
            document.Info.Description = "Trains a recommender federatedly and serves it. Errors are problem details (RFC 9457).";
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, _, _) =>
        {
            foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
            {
                parameter.Description ??= s_parameters.GetValueOrDefault(parameter.Name ?? "");
            }

            return Task.CompletedTask;
        });
    }
}
