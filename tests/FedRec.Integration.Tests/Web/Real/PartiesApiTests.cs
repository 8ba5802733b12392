using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FedRec.Cli.Parties;
using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>An operator invites parties and lets them in over HTTP, as with the commands.</summary>
[Collection(RealWeb.Collection)]
public sealed class PartiesApiTests(RealWeb web)
{
    [Fact]
    public async Task Party_IsInvited_JoinsByTheCode_IsApprovedByItsFingerprint_AndMayBeLetAloneAndTakenOut()
    {
        var federation = NewName();
        var invited = await InviteAsync(federation, """{"labels":"region=eu","ratings":false,"days":2}""");
        var code = PartyCodes.Read(invited.GetProperty("code").GetString()!);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var client = new PartyClient(code, key);
        Assert.Equal($"fedrec party join {code.Write()} --data PATH", invited.GetProperty("command").GetString());
        Assert.Contains("no party 'south'", await RefusedAsync(federation, "south/approve", 404), StringComparison.Ordinal);
        Assert.Contains("has to join", await RefusedAsync(federation, "north/approve", 409), StringComparison.Ordinal);

        var words = await client.JoinAsync(CancellationToken.None); // at the address that the code names
        var pending = await OnlyAsync(federation);
        Assert.Contains(words, await RefusedAsync(federation, "north/approve?fingerprint=other-words", 409), StringComparison.Ordinal);
        Assert.Equal("Pending", (await OnlyAsync(federation)).GetProperty("standing").GetString());
        var standings = new List<string>();
        foreach (var verb in new[] { $"approve?fingerprint={words}", $"approve?fingerprint={words}", "suspend", "suspend", "resume", "remove", "remove" })
        {
            using var answer = await web.SendAsync(HttpMethod.Post, $"/api/v1/federations/{federation}/parties/north/{verb}");
            standings.Add((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("standing").GetString()!);
        }

        Assert.Equal(("north", "Pending", "region=eu", words), (pending.GetProperty("name").GetString(), pending.GetProperty("standing").GetString(), pending.GetProperty("labels").GetString(), pending.GetProperty("fingerprint").GetString()));
        Assert.Equal(["Active", "Active", "Suspended", "Suspended", "Active", "Removed", "Removed"], standings);
        Assert.Contains("removed", await RefusedAsync(federation, "north/resume", 409), StringComparison.Ordinal);
        Assert.Contains("removed already", await web.RefusedAsync(400, HttpMethod.Post, $"/api/v1/federations/{federation}/parties/north/invitation", "{}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Party_IsShownWithWhatItHasSent()
    {
        var federation = NewName();
        using var party = await WireParty.ActiveAsync(web, federation);
        var receipt = await web.Grains.GetGrain<IFederationGrain>(federation).StartRunAsync(new() { Federation = federation, Learner = "mf", LearnerOptions = new Dictionary<string, string> { ["dims"] = "4" }.ToImmutableSortedDictionary(), Rounds = new() { Count = 1 } });
        var order = await party.NextAsync();
        var update = await party.TrainAsync(order);
        await party.Client.SubmitAsync(order, update, CancellationToken.None);

        using var answer = await web.SendAsync(HttpMethod.Get, $"/api/v1/federations/{federation}/parties/north");
        var shown = await answer.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal((1, update.Length, 15), (shown.GetProperty("party").GetProperty("counted").GetInt32(), shown.GetProperty("party").GetProperty("bytesUp").GetInt32(), shown.GetProperty("party").GetProperty("users").GetInt32()));
        Assert.Equal((order.ModelSha256, receipt.RunId, 1), (shown.GetProperty("party").GetProperty("held").GetProperty("sha256").GetString(), shown.GetProperty("party").GetProperty("held").GetProperty("run").GetString(), shown.GetProperty("party").GetProperty("held").GetProperty("round").GetInt32()));
        Assert.Equal("Counted", shown.GetProperty("updates")[0].GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Signatures_OfARun_AreCheckedByTheKeyAndNothingElse()
    {
        var federation = NewName();
        using var party = await WireParty.ActiveAsync(web, federation);
        await web.Grains.GetGrain<IFederationGrain>(federation).StartRunAsync(new() { Federation = federation, Learner = "mf", LearnerOptions = new Dictionary<string, string> { ["dims"] = "4" }.ToImmutableSortedDictionary(), Rounds = new() { Count = 1 } });
        var order = await party.NextAsync();
        var update = await party.TrainAsync(order);
        await party.Client.SubmitAsync(order, update, CancellationToken.None);

        using var answer = await web.SendAsync(HttpMethod.Get, $"/api/v1/federations/{federation}/parties/north/signatures/run-1");
        var signed = (await answer.Content.ReadFromJsonAsync<JsonElement>()).EnumerateArray().Single();
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(signed.GetProperty("publicKey").GetBytesFromBase64(), out _);
        var (statement, signature) = (signed.GetProperty("statement").GetString()!, signed.GetProperty("signature").GetBytesFromBase64());

        Assert.True(key.VerifyData(Encoding.UTF8.GetBytes(statement), signature, HashAlgorithmName.SHA256));
        Assert.False(key.VerifyData(Encoding.UTF8.GetBytes(statement + " "), signature, HashAlgorithmName.SHA256));
        Assert.Equal(["fedrec-party-update-v1", federation, "run-1", "1", PartyStatements.Sha256(update)], new[] { 0, 1, 4, 5, 13 }.Select(line => statement.Split('\n')[line]));
        Assert.Equal(party.Key.ExportSubjectPublicKeyInfo(), key.ExportSubjectPublicKeyInfo());
        Assert.True(signed.GetProperty("isCounted").GetBoolean());
        await web.RefusedAsync(404, HttpMethod.Get, $"/api/v1/federations/{federation}/parties/east/signatures/run-1", "");
        await web.RefusedAsync(400, HttpMethod.Get, $"/api/v1/federations/{federation}/parties/north/signatures/no%20run", "");
    }

    [Fact]
    public async Task Party_ThatRefuses_IsShownWithItsReason_WhichIsCutAndSteersNothing()
    {
        var federation = NewName();
        using var party = await WireParty.ActiveAsync(web, federation);
        await web.Grains.GetGrain<IFederationGrain>(federation).StartRunAsync(new() { Federation = federation, Learner = "mf", LearnerOptions = new Dictionary<string, string> { ["dims"] = "4" }.ToImmutableSortedDictionary(), Rounds = new() { Count = 1 } });
        var order = await party.NextAsync();

        foreach (var reason in new[] { "\u001b]0;owned\u0007 not today \ud83d\ude00" + new string('x', 10_000), "again, where the answer was lost" })
        {
            await party.Client.RefuseAsync(order, reason, CancellationToken.None);
        }

        var late = await Assert.ThrowsAsync<PartyException>(() => party.Client.RefuseAsync(order with { Update = order.Update with { Attempt = 9 } }, "of another attempt", CancellationToken.None));
        using var answer = await web.SendAsync(HttpMethod.Get, $"/api/v1/federations/{federation}/parties/north");
        var shown = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("refusals").EnumerateArray().Single();
        var last = (await OnlyAsync(federation)).GetProperty("lastRefusal");
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.Equal(("run-1", 1, 1, ("\ufffd]0;owned\ufffd not today \ud83d\ude00" + new string('x', 500))[..500]),
            (shown.GetProperty("run").GetString()!, shown.GetProperty("round").GetInt32(), shown.GetProperty("attempt").GetInt32(), shown.GetProperty("reason").GetString()!));
        Assert.Equal(shown.GetRawText(), last.GetRawText());
    }

    [Fact]
    public async Task Report_OfAParty_IsShown_AndOneThatCannotBeIsRefused()
    {
        var federation = NewName();
        using var party = await WireParty.ActiveAsync(web, federation);
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 0, TimeSpan.Zero);
        await party.Client.ReportAsync(new PartyReport(15, 8) { MatchedItems = 19, UnmatchedItems = 3, ReadAt = at }, CancellationToken.None);
        var path = party.PathOf("report");
        foreach (var wrong in new[] { """{"users":15,"sizeClass":8,"matchedItems":-1}""", """{"users":15,"sizeClass":8,"unmatchedItems":3000000000}""", """{"users":15,"sizeClass":8,"readAt":"0001-01-01T00:00:00Z"}""", """{"users":15,"sizeClass":8,"items":["sku-1"]}""" })
        {
            using var body = new StringContent(wrong, System.Text.Encoding.UTF8, "application/json");
            using var refused = await party.SendAsync(HttpMethod.Put, path, await party.TokenAsync("PUT", path), body);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }

        var shown = await OnlyAsync(federation);
        Assert.Equal((15, 19, 3, at), (shown.GetProperty("users").GetInt32(), shown.GetProperty("matchedItems").GetInt32(), shown.GetProperty("unmatchedItems").GetInt32(), shown.GetProperty("readAt").GetDateTimeOffset()));
        Assert.Contains("19 items in the catalogue, 3 items that are not, read 2026-01-02 03:04:00Z", await web.Client.GetStringAsync($"/fedrec?federation={federation}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Party_ThatRefusesAnEvaluation_IsShownWithItsReason()
    {
        var federation = NewName();
        using var party = await WireParty.ActiveAsync(web, federation);
        await web.Grains.GetGrain<IFederationGrain>(federation).StartRunAsync(new() { Federation = federation, Learner = "mf", LearnerOptions = new Dictionary<string, string> { ["dims"] = "4" }.ToImmutableSortedDictionary() });
        PartyOrder? order;
        do
        {
            order = await party.Client.PollAsync(TimeSpan.FromSeconds(5), CancellationToken.None); // the curve's beginning
        }
        while (order?.Evaluation is null);

        await party.Client.RefuseEvaluationAsync(order.Evaluation.Id, "not today", CancellationToken.None);

        var late = await Assert.ThrowsAsync<PartyException>(() => party.Client.RefuseEvaluationAsync(Guid.NewGuid(), "of another one", CancellationToken.None));
        var shown = (await OnlyAsync(federation)).GetProperty("lastRefusal");
        Assert.Equal(HttpStatusCode.Conflict, late.Status);
        Assert.Equal(("run-1", true, "not today"), (shown.GetProperty("run").GetString()!, shown.GetProperty("ofEvaluation").GetBoolean(), shown.GetProperty("reason").GetString()!));
    }

    [Theory]
    [InlineData("north", """{"labels":"eu","ratings":false}""", "such as region=eu")]
    [InlineData("north", """{"days":31}""", "'days' is 31")]
    [InlineData("no%20rth", "{}", "letters, digits")]
    [InlineData("north", "{}", "say whether interactions carry ratings")]
    public async Task Invitation_ThatCannotBe_IsRefusedAndLeavesNoTrace(string name, string body, string reason)
    {
        var federation = NewName();

        Assert.Contains(reason, await web.RefusedAsync(400, HttpMethod.Post, $"/api/v1/federations/{federation}/parties/{name}/invitation", body), StringComparison.Ordinal);

        using var listed = await web.SendAsync(HttpMethod.Get, $"/api/v1/federations/{federation}/parties");
        Assert.Equal(HttpStatusCode.NotFound, listed.StatusCode); // the federation has not begun
    }

    private async Task<JsonElement> InviteAsync(string federation, string body)
    {
        using var answer = await web.SendAsync(HttpMethod.Post, $"/api/v1/federations/{federation}/parties/north/invitation", body);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<JsonElement> OnlyAsync(string federation)
    {
        using var answer = await web.SendAsync(HttpMethod.Get, $"/api/v1/federations/{federation}/parties");
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).EnumerateArray().Single();
    }

    private Task<string> RefusedAsync(string federation, string what, int status) => web.RefusedAsync(status, HttpMethod.Post, $"/api/v1/federations/{federation}/parties/{what}");

    private static string NewName() => $"parties-{Guid.NewGuid():N}";
}
