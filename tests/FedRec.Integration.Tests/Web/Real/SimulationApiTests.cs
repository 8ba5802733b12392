using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>What a federation simulates is said once, and its runs need not say it.</summary>
[Collection(RealWeb.Collection)]
public sealed class SimulationApiTests(RealWeb web)
{
    [Fact]
    public async Task Simulation_IsToldOnce_AndRunsThatNameNoDataAreAboutIt()
    {
        await File.WriteAllLinesAsync(Path.Combine(web.DataRoot, "told.csv"), ["user,item,timestamp", .. Enumerable.Range(0, 240).Select(i => $"u{i % 20},i{i * 7 % 19},{i}")]);

        using var told = await web.SendAsync(HttpMethod.Put, "/api/v1/federations/told/simulation", """{"path":"told.csv"}""");
        await web.TrainAsync("""{"federation":"told","learnerOptions":{"dims":"4"},"rounds":{"count":2}}""");
        using var run = await web.SendAsync(HttpMethod.Get, "/api/v1/runs/run-1?federation=told");

        Assert.Equal(HttpStatusCode.OK, told.StatusCode);
        Assert.Equal("told.csv", (await told.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("path").GetString());
        var view = await run.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal((20, 19), (view.GetProperty("population").GetProperty("users").GetInt32(), view.GetProperty("population").GetProperty("items").GetInt32()));
        Assert.Equal("told.csv", view.GetProperty("data").GetProperty("path").GetString());
    }

    [Theory]
    [InlineData("""{"path":"/etc/passwd"}""", "'path'")]
    [InlineData("""{"path":"../outside.csv"}""", "'path'")]
    [InlineData("""{"path":"told.csv","schema":"/etc/passwd"}""", "'schema'")]
    [InlineData("""{"contextData":"/etc/passwd"}""", "'contextData'")]
    [InlineData("""{"syntheticUsers":2000000000}""", "syntheticUsers")]
    [InlineData("""{"alpha":1}""", "alpha")]
    [InlineData("""{"clean":"dust"}""", "dust")]
    [InlineData("null", "body")]
    public async Task Simulation_ThatCannotBe_IsRefusedByNameAndBeginsNothing(string body, string named)
    {
        Assert.Contains(named, await web.RefusedAsync(400, HttpMethod.Put, "/api/v1/federations/nowhere/simulation", body), StringComparison.Ordinal);

        Assert.Contains("nowhere", await web.RefusedAsync(404, HttpMethod.Get, "/api/v1/runs?federation=nowhere"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Simulation_OfAFederationWhoseClientsKeepTheirData_IsRefused()
    {
        using var recorded = await web.SendAsync(HttpMethod.Post, "/api/v1/interactions", """{"federation":"own","user":"u","item":"i"}""");

        Assert.Equal(HttpStatusCode.NoContent, recorded.StatusCode);
        Assert.Contains("keep their data themselves", await web.RefusedAsync(409, HttpMethod.Put, "/api/v1/federations/own/simulation", "{}"), StringComparison.Ordinal);
    }
}
