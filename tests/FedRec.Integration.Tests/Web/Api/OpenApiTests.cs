using System.Text.Json;

namespace FedRec.Integration.Tests.Web.Api;

public sealed class OpenApiTests
{
    [Fact]
    public async Task Document_ListsEveryEndpoint_WithASummaryAndItsErrors()
    {
        await using var host = await WebHost.StartAsync();

        var document = await host.GetAsync("/openapi/v1.json");

        var operations = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(o => (Name: $"{o.Name.ToUpperInvariant()} {path.Name}", o.Value))).ToList();
        Assert.Equal(
        [
            "DELETE /api/v1/access/keys/{id}", "DELETE /api/v1/interactions", "DELETE /api/v1/users/{user}", "GET /api/v1/access/keys", "GET /api/v1/access/log", "GET /api/v1/events", "GET /api/v1/federations", "GET /api/v1/federations/{federation}/data", "GET /api/v1/federations/{federation}/organisations", "GET /api/v1/federations/{federation}/organisations/{name}", "GET /api/v1/federations/{federation}/parties", "GET /api/v1/federations/{federation}/parties/{name}", "GET /api/v1/federations/{federation}/parties/{name}/signatures/{run}", "GET /api/v1/items/popular", "GET /api/v1/items/{item}/similar", "GET /api/v1/models", "GET /api/v1/models/{version}",
            "GET /api/v1/models/{version}/catalogue", "GET /api/v1/models/{version}/content", "GET /api/v1/privacy", "GET /api/v1/recommendations/{user}", "GET /api/v1/runs", "GET /api/v1/runs/{id}",
            "GET /api/v1/runs/{id}/events", "GET /api/v1/runs/{id}/metrics", "GET /api/v1/runs/{id}/parties", "GET /api/v1/runs/{id}/rounds",
            "GET /api/v1/runs/{id}/rounds/{n}", "GET /api/v1/users", "GET /health/live", "GET /health/ready",
            "GET /party/v1/{federation}/{party}/content/{sha256}", "GET /party/v1/{federation}/{party}/model", "GET /party/v1/{federation}/{party}/updates/{run}/{round}/{attempt}",
            "POST /api/v1/access/keys", "POST /api/v1/federations/{federation}/parties/{name}/approve", "POST /api/v1/federations/{federation}/parties/{name}/invitation", "POST /api/v1/federations/{federation}/parties/{name}/remove", "POST /api/v1/federations/{federation}/parties/{name}/resume",
            "POST /api/v1/federations/{federation}/parties/{name}/suspend", "POST /api/v1/interactions", "POST /api/v1/models/rollback", "POST /api/v1/models/{version}/pin", "POST /api/v1/models/{version}/promote", "POST /api/v1/models/{version}/unpin", "POST /api/v1/recommendations", "POST /api/v1/runs", "POST /api/v1/runs/{id}/resume", "POST /api/v1/runs/{id}/stop",
            "POST /party/v1/{federation}/{party}/evaluations/{evaluation}/refusal", "POST /party/v1/{federation}/{party}/join", "POST /party/v1/{federation}/{party}/poll", "POST /party/v1/{federation}/{party}/updates/{run}/{round}/{attempt}/refusal", "PUT /api/v1/federations/{federation}/organisations/{name}", "PUT /api/v1/federations/{federation}/simulation", "PUT /api/v1/privacy/budget",
            "PUT /party/v1/{federation}/{party}/evaluations/{evaluation}", "PUT /party/v1/{federation}/{party}/key", "PUT /party/v1/{federation}/{party}/report", "PUT /party/v1/{federation}/{party}/updates/{run}/{round}/{attempt}", "PUT /party/v1/{federation}/{party}/updates/{run}/{round}/{attempt}/steps/{step}",
        ], operations.Select(o => o.Name).Order(StringComparer.Ordinal));
        Assert.All(operations, o => Assert.NotEmpty(o.Value.GetProperty("summary").GetString()!));
        Assert.Equal("bearer", document.GetProperty("components").GetProperty("securitySchemes").GetProperty("key").GetProperty("scheme").GetString());
        Assert.All(operations, o => Assert.Equal(o.Name.Contains("/health/", StringComparison.Ordinal) ? [] : o.Name.Contains("/party/", StringComparison.Ordinal) ? ["party"] : ["key"],
            o.Value.GetProperty("security").EnumerateArray().SelectMany(scheme => scheme.EnumerateObject()).Select(scheme => scheme.Name)));
        Assert.All(operations.SelectMany(o => Parameters(o.Value)), p => Assert.NotEmpty(p.GetProperty("description").GetString()!));
        Assert.All(operations.Where(o => o.Name.Contains("/api/", StringComparison.Ordinal)), o =>
            Assert.True(o.Value.GetProperty("responses").GetProperty("404").GetProperty("content").TryGetProperty("application/problem+json", out _)));
    }

    private static JsonElement.ArrayEnumerator Parameters(JsonElement operation) =>
        operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray() : default;

    [Fact]
    public async Task Document_DescribesBodiesAndEnums()
    {
        await using var host = await WebHost.StartAsync();

        var schemas = (await host.GetAsync("/openapi/v1.json")).GetProperty("components").GetProperty("schemas");

        Assert.Equal(["Pending", "Running", "Completed", "Stopped", "Failed", "Loading"],
            schemas.GetProperty("RunPhase").GetProperty("enum").EnumerateArray().Select(e => e.GetString()));
        Assert.True(schemas.GetProperty("StartRunBody").GetProperty("properties").TryGetProperty("learnerOptions", out _));
        Assert.Equal("integer", schemas.GetProperty("StartRunBody").GetProperty("properties").GetProperty("seed").GetProperty("type").GetString());
        Assert.All(["EventView", "MetricsView", "RecommendationsView"], name => Assert.True(schemas.TryGetProperty(name, out _), name));
    }
}
