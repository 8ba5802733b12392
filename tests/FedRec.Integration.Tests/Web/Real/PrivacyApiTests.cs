using System.Net.Http.Json;
using System.Text.Json;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>What was spent of a federation's privacy, and who can learn what by a run, over HTTP.</summary>
[Collection(RealWeb.Collection)]
public sealed class PrivacyApiTests(RealWeb web)
{
    [Fact]
    public async Task Run_WithPrivacy_IsStartedShownAndAccountedFor()
    {
        const string Run = """{"federation":"discreet","learner":"mf","learnerOptions":{"dims":"4","objective":"bpr"},"rounds":{"count":3,"cohortSize":12,"clipNorm":0.5},"privacy":{"epsilon":6}}""";
        using (await web.SendAsync(HttpMethod.Put, "/api/v1/federations/discreet/simulation", RealWeb.SmallData))
        {
        }

        await web.TrainAsync(Run);

        var (run, spent, model) = (await GetAsync("/api/v1/runs/run-1?federation=discreet"), await GetAsync("/api/v1/privacy?federation=discreet"), await GetAsync("/api/v1/models/1?federation=discreet"));
        var statement = model.GetProperty("manifest").GetProperty("privacy");
        Assert.Contains("e^6 at most", run.GetProperty("trust").GetProperty("readers").GetString(), StringComparison.Ordinal);
        Assert.Equal((3, 0.4), (spent.GetProperty("accounts")[0].GetProperty("charges").GetInt32(), spent.GetProperty("accounts")[0].GetProperty("rate").GetDouble()));
        Assert.Equal(spent.GetProperty("epsilon").GetDouble(), statement.GetProperty("epsilon").GetDouble());
        Assert.InRange(statement.GetProperty("epsilon").GetDouble(), 5.4, 6);
        Assert.Equal(JsonValueKind.Null, (await GetAsync("/api/v1/runs/run-1/rounds/1?federation=discreet")).GetProperty("loss").ValueKind);
    }

    [Fact]
    public async Task Run_WithoutPrivacy_SaysThatThereIsNoLimit()
    {
        var run = await GetAsync($"/api/v1/runs/run-1?federation={RealWeb.Federation}");

        Assert.Contains("There is no limit", run.GetProperty("trust").GetProperty("readers").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await GetAsync($"/api/v1/privacy?federation={RealWeb.Federation}")).GetProperty("epsilon").GetDouble());
    }

    [Fact]
    public async Task Budget_OfAFederation_IsSetTakenAwayAndRefusedWithTheReason()
    {
        const string Address = $"/api/v1/privacy/budget?federation={RealWeb.Federation}";
        async Task<JsonElement> SetAsync(string body)
        {
            using var answer = await web.SendAsync(HttpMethod.Put, Address, body);
            return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("budget");
        }

        var (set, none) = (await SetAsync("""{"epsilon":8,"delta":1e-6}"""), await SetAsync("{}"));

        Assert.Equal((8, 1e-6), (set.GetProperty("epsilon").GetDouble(), set.GetProperty("delta").GetDouble()));
        Assert.Equal(JsonValueKind.Null, none.ValueKind);
        Assert.Contains("ε must be more than 0", await web.RefusedAsync(400, HttpMethod.Put, Address, """{"epsilon":-1}"""), StringComparison.Ordinal);
        Assert.Contains("'delta' is 1", await web.RefusedAsync(400, HttpMethod.Get, $"/api/v1/privacy?federation={RealWeb.Federation}&delta=1"), StringComparison.Ordinal);
    }

    private async Task<JsonElement> GetAsync(string address) => await web.Client.GetFromJsonAsync<JsonElement>(new Uri(address, UriKind.Relative));
}
