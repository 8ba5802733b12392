using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>Over HTTP an organisation is bound to silos with a label, before its first interaction or later.</summary>
[Collection(RealWeb.Collection)]
public sealed class OrganisationsApiTests(RealWeb web)
{
    [Fact]
    public async Task Organisation_IsBoundBeforeItsFirstInteraction_RefusedWithoutASilo_AndShownWithItsLabel()
    {
        var nowhere = await BindAsync("""{"label":"region=eu","ratings":false}""");
        const string Event = """{"federation":"bound","client":"north","user":"u","item":"i"}""";
        var refused = await web.RefusedAsync(503, HttpMethod.Post, "/api/v1/interactions", Event);
        var here = await BindAsync($$"""{"label":"{{RealWeb.Label}}"}""");
        using var recorded = await web.SendAsync(HttpMethod.Post, "/api/v1/interactions", Event);
        using var shown = await web.SendAsync(HttpMethod.Get, "/api/v1/federations/bound/organisations/north");
        var any = await BindAsync("{}");

        Assert.Equal(("region=eu", 0, 0), View(nowhere));
        Assert.Contains("No silo with the label region=eu is up", refused, StringComparison.Ordinal);
        Assert.Equal((RealWeb.Label, 0, 1), View(here));
        Assert.Equal(HttpStatusCode.NoContent, recorded.StatusCode);
        Assert.Equal((RealWeb.Label, 1, 1), View(await shown.Content.ReadFromJsonAsync<JsonElement>()));
        Assert.Equal((null, 1, 1), View(any));
    }

    [Theory]
    [InlineData("bound-not", "north", """{"label":"region=eu"}""", "no clients that keep their data")]
    [InlineData("bound-not", "north", """{"label":"eu","ratings":true}""", "such as region=eu")]
    [InlineData("bound-not", "north%2Fwest", """{"label":"region=eu","ratings":true}""", "no slash")]
    [InlineData(RealWeb.Federation, "north", """{"label":"region=eu","ratings":true}""", "simulates loaded data")]
    [InlineData("bound-not", "north", """{"labels":"region=eu"}""", "labels")]
    public async Task Binding_ThatCannotBe_IsRefusedAndBeginsNothing(string federation, string name, string body, string why)
    {
        Assert.Contains(why, await web.RefusedAsync(400, HttpMethod.Put, $"/api/v1/federations/{federation}/organisations/{name}", body), StringComparison.Ordinal);

        Assert.Contains("No such", await TitleAsync($"/api/v1/federations/{federation}/organisations/north"), StringComparison.Ordinal);
    }

    private static (string?, int, int) View(JsonElement view) => (view.GetProperty("label").GetString(), view.GetProperty("users").GetInt32(), view.GetProperty("silos").GetInt32());

    private async Task<JsonElement> BindAsync(string body)
    {
        using var answer = await web.SendAsync(HttpMethod.Put, "/api/v1/federations/bound/organisations/north", body);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<string> TitleAsync(string address)
    {
        using var answer = await web.SendAsync(HttpMethod.Get, address);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("title").GetString()!;
    }
}
