namespace FedRec.Integration.Tests.Web.Real;

/// <summary>Bodies that were answered with 500, or were half read, are refused by name.</summary>
[Collection(RealWeb.Collection)]
public sealed class WrongBodyTests(RealWeb web)
{
    [Theory]
    [InlineData("recommendations", """{"items":null}""", "$.items")]
    [InlineData("recommendations", """{"items":[null]}""", "$.items")]
    [InlineData("recommendations", """{"items":[{"item":null}]}""", "$.items[0]")]
    [InlineData("recommendations", """{"items":[{"item":"i1","rating":1e39}]}""", "item i1")]
    [InlineData("recommendations", """{"items":[{"item":"i1","rating":3},{"item":"i2"}]}""", "have a rating")]
    [InlineData("recommendations", """{"k":3}""", "'items'")]
    [InlineData("recommendations", """{"items":[{"item":"i1"}],"k":3,"k":4}""", "$")]
    [InlineData("recommendations", """{"items":[{"item":"i1","score":3}]}""", "item, rating")]
    [InlineData("interactions", """{"user":null,"item":"i1"}""", "$.user")]
    [InlineData("interactions", """{"user":"u1"}""", "'item'")]
    [InlineData("interactions", """{"user":"u1","item":"i1","rating":"5"}""", "$.rating")]
    [InlineData("runs", """{"learner":null}""", "$.learner")]
    [InlineData("runs", """{"learnerOptions":null}""", "$.learnerOptions")]
    [InlineData("runs", """{"learnerOptions":{"dims":null}}""", "$.learnerOptions")]
    [InlineData("runs", """{"data":[]}""", "/api/v1/federations/{federation}/simulation, then start the run without it")]
    [InlineData("runs", """{"data":{"syntheticUsers":30}}""", "/api/v1/federations/{federation}/simulation, then start the run without it")]
    [InlineData("runs", """{"rounds":null}""", "$.rounds")]
    [InlineData("runs", """{"rounds":{"weighting":null}}""", "$.rounds.weighting")]
    [InlineData("runs", """{"serverOptimizer":{"learningRate":1e999}}""", "$.serverOptimizer.learningRate")]
    [InlineData("runs", """{"warmStartFrom":{}}""", "'federation'")]
    [InlineData("runs", """{"warmStartFrom":{"federation":"a/b"}}""", "warmStartFrom.federation")]
    [InlineData("runs", """{"lerner":"mf"}""", "learnerOptions")]
    [InlineData("runs", "null", "body")]
    [InlineData("runs", "[]", "$")]
    [InlineData("runs", "{", "$")]
    [InlineData("runs", "", "empty")]
    public async Task Body_WithAMemberThatCannotBe_IsRefusedByName(string address, string body, string named) =>
        Assert.Contains(named, await web.RefusedAsync(400, HttpMethod.Post, $"/api/v1/{address}", body), StringComparison.Ordinal);

    [Fact]
    public async Task UnknownLearner_WhileARunIsActive_IsRefusedByName()
    {
        const string longRun = """{"federation":"busy","learner":"mf","learnerOptions":{"dims":"4"},"rounds":{"count":1000000}}""";
        using var told = await web.SendAsync(HttpMethod.Put, "/api/v1/federations/busy/simulation", RealWeb.SmallData);
        using var started = await web.SendAsync(HttpMethod.Post, "/api/v1/runs", longRun);

        var reason = await web.RefusedAsync(400, HttpMethod.Post, "/api/v1/runs", """{"federation":"busy","learner":"mff"}""");

        using var stopped = await web.SendAsync(HttpMethod.Post, "/api/v1/runs/run-1/stop?federation=busy");
        Assert.Contains("mff", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models/rollback")]
    [InlineData("models/1/promote")]
    [InlineData("runs/run-1/stop")]
    public async Task Federation_InABodyThatIsNotRead_IsRefused(string address)
    {
        var reason = await web.RefusedAsync(400, HttpMethod.Post, $"/api/v1/{address}", """{"federation":"weird"}""");

        Assert.Contains("reads no body", reason, StringComparison.Ordinal);
        Assert.Contains("federation", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "interactions?federation=weird", """{"user":"u1","item":"i1"}""", "user, item, rating, time, client, federation")]
    [InlineData("POST", "runs?federation=weird", "{}", "federation, learner")]
    [InlineData("GET", "runs?limit=3&federtion=real", null, "federation, limit")]
    [InlineData("GET", "runs?federation=real&federation=weird", null, "2 times")]
    [InlineData("GET", "federations?k=3", null, "no query keys")]
    [InlineData("DELETE", "users/u1?user=u2", null, "federation")]
    public async Task QueryKey_ThatIsNotRead_IsRefusedWithTheKnownOnes(string method, string address, string? body, string known) =>
        Assert.Contains(known, await web.RefusedAsync(400, new HttpMethod(method), $"/api/v1/{address}", body), StringComparison.Ordinal);
}
