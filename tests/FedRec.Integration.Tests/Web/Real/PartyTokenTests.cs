using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedRec.Contracts.RemoteParties;
using FedRec.Web.Parties;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>Tokens of parties: what is wrong with one is said and counted, and a front end that remembers by what a party is known lets nobody in by what it was known by before.</summary>
[Collection(RealWeb.Collection)]
public sealed class PartyTokenTests(RealWeb web)
{
    private static readonly ECDsa s_other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static readonly Dictionary<string, (Func<WireParty, string, Task<string>> Token, string Answer)> s_tokens = new()
    {
        ["none at all"] = ((_, _) => Task.FromResult(""), "carries a token"),
        ["no token"] = ((_, _) => Task.FromResult("x.y.z"), "not signed"),
        ["algorithm none"] = ((party, path) => party.TokenAsync("POST", path, algorithm: "none"), "not signed"),
        ["the public key as a shared secret"] = ((party, path) => party.TokenAsync("POST", path, algorithm: "HS256"), "not signed"),
        ["another key"] = ((party, path) => party.TokenAsync("POST", path, by: s_other), "not signed"),
        ["another audience"] = ((party, path) => party.TokenAsync("POST", path, claims => claims["aud"] = "fedrec-party-v1/elsewhere/wire"), "another coordinator"),
        ["another party"] = ((party, path) => party.TokenAsync("POST", path, claims => claims["iss"] = "remote-0123"), "another party"),
        ["expired"] = ((party, path) => party.TokenAsync("POST", path, claims => Shift(claims, -600)), "has expired"),
        ["not yet valid"] = ((party, path) => party.TokenAsync("POST", path, claims => Shift(claims, 600)), "has expired"),
        ["a long life"] = ((party, path) => party.TokenAsync("POST", path, claims => claims["exp"] = (long)claims["iat"]! + 301), "lives for more than 5 minutes"),
        ["no end"] = ((party, path) => party.TokenAsync("POST", path, claims => claims.Remove("exp")), "has expired"),
        ["another method"] = ((party, path) => party.TokenAsync("PUT", path), "another request"),
        ["another path"] = ((party, path) => party.TokenAsync("POST", path + "x"), "another request"),
        ["a part of the path"] = ((party, _) => party.TokenAsync("POST", "/poll"), "another request"),
        ["no id"] = ((party, path) => party.TokenAsync("POST", path, claims => claims.Remove("jti")), "one-time id"),
        ["a short id"] = ((party, path) => party.TokenAsync("POST", path, claims => claims["jti"] = "1"), "one-time id"),
        ["no nonce"] = ((party, path) => party.TokenAsync("POST", path, claims => claims.Remove("nonce")), "repeats no nonce"),
        ["an old nonce"] = ((party, path) => party.TokenAsync("POST", path, claims => claims["nonce"] = new string('0', 32)), "repeats no nonce"),
    };

    public static TheoryData<string> Tokens => [.. s_tokens.Keys];

    [Theory]
    [MemberData(nameof(Tokens))]
    public async Task Request_WithATokenThatIsNotRight_IsRefusedAndCounted_AndLeavesNoOtherTrace(string what)
    {
        using var party = await WireParty.ActiveAsync(web, NewName());
        var (path, before) = (party.PathOf("poll"), await party.Twin.GetAsync());

        using var answer = await party.SendAsync(HttpMethod.Post, path + "?wait=0", await s_tokens[what].Token(party, path));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains(s_tokens[what].Answer, await Problems.ReasonAsync(answer), StringComparison.Ordinal);
        Assert.Single(answer.Headers.GetValues("FedRec-Nonce"));
        var after = (await party.Twin.GetAsync())!;
        Assert.Equal(what.EndsWith("nonce", StringComparison.Ordinal) ? [] : [(PartyRejectionReason.Token, 1L)], after.Rejections.Select(one => (one.Reason, one.Count))); // the first token of a party repeats no nonce
        Assert.Equivalent(before, after with { Rejections = before!.Rejections });
    }

    [Fact]
    public async Task Request_WithTheSameTokenAgain_IsRefused()
    {
        using var party = await WireParty.ActiveAsync(web, NewName());
        var path = party.PathOf("poll");
        var token = await party.TokenAsync("POST", path);

        using var first = await party.SendAsync(HttpMethod.Post, path + "?wait=0", token);
        using var second = await party.SendAsync(HttpMethod.Post, path + "?wait=0", token);

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Unauthorized), (first.StatusCode, second.StatusCode));
        Assert.Contains("used before", await Problems.ReasonAsync(second), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_WithTheKeyThatThePartyHadBefore_IsRefused_WhateverNonceItRepeats()
    {
        var federation = NewName();
        using var before = await WireParty.ActiveAsync(web, federation);
        var (path, kept) = (before.PathOf("poll"), (await before.Twin.GetCredentialAsync())!.Nonce);
        Assert.Null(await PollAsync(before)); // the front end keeps the key
        await before.Parties.ForgetAsync("north");
        using var now = await WireParty.InvitedAsync(web, federation);
        await now.Client.JoinAsync(CancellationToken.None);
        await now.Parties.SetStandingAsync("north", PartyStanding.Active);
        Assert.Equal(before.Code.Party, now.Code.Party);

        foreach (var nonce in new[] { (await now.Twin.GetCredentialAsync())!.Nonce, kept }) // first while the front end still keeps the key of before
        {
            using var answer = await before.SendAsync(HttpMethod.Post, path + "?wait=0", await before.TokenAsync("POST", path, claims => claims["nonce"] = nonce));
            Assert.Equal((HttpStatusCode.Unauthorized, nonce), (answer.StatusCode, nonce));
            Assert.Contains("not signed", await Problems.ReasonAsync(answer), StringComparison.Ordinal);
        }

        Assert.Null(await PollAsync(now));
        Assert.Equal([(PartyRejectionReason.Token, 2L)], (await now.Twin.GetAsync())!.Rejections.Select(one => (one.Reason, one.Count)));
    }

    [Fact]
    public async Task Request_AfterAnotherKey_IsLetInByIt_ThoughTheFrontEndKeepsTheOneBefore()
    {
        using var party = await WireParty.ActiveAsync(web, NewName());
        var path = party.PathOf("poll");
        Assert.Null(await PollAsync(party));
        var (key, next) = (party.Key.ExportSubjectPublicKeyInfo(), s_other.ExportSubjectPublicKeyInfo());
        var statement = PartyStatements.OfRotation(party.Code.Federation, party.Code.Server, party.Code.Party, key, next);
        Assert.Equal(PartyRotationOutcome.Rotated, await party.Twin.RotateAsync(new PartyRotation(next, PartyKeys.Sign(party.Key, statement), PartyKeys.Sign(s_other, statement))));

        using var byNext = await party.SendAsync(HttpMethod.Post, path + "?wait=0", await party.TokenAsync("POST", path, by: s_other));
        using var byEarlier = await party.SendAsync(HttpMethod.Post, path + "?wait=0", await party.TokenAsync("POST", path)); // for what is on its way

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (byNext.StatusCode, byEarlier.StatusCode));
    }

    [Fact]
    public async Task Request_AfterANoticeOfAMove_IsToldOfIt_ThoughTheFrontEndKeepsTheCredentialOfBefore()
    {
        using var party = await WireParty.ActiveAsync(web, NewName());
        var path = party.PathOf("poll");
        var token = await party.TokenAsync("POST", path);
        Assert.Null(await PollAsync(party));
        var moved = (await party.Parties.MoveAsync("https://new.example.org/", "abcd"))!;

        using var answer = await party.SendAsync(HttpMethod.Post, path + "?wait=0", token); // with the nonce that it was told last

        Assert.Equal(PartyMoves.Write(moved), Assert.Single(answer.Headers.GetValues("FedRec-Moved")));
    }

    [Fact]
    public async Task Requests_WithTokensOfSomebodyElse_AreToldToComeBack_LongBeforeAPartyThatMayAsk()
    {
        using var party = await WireParty.ActiveAsync(web, $"forged-{Guid.NewGuid():N}");
        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (refused, since) = (0, Stopwatch.GetTimestamp());
        while (true)
        {
            using var answer = await party.SendAsync(HttpMethod.Post, party.PathOf("poll?wait=0"), await party.TokenAsync("POST", party.PathOf("poll"), by: thief));
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
                Assert.Equal("Too many requests", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("title").GetString());
                break;
            }

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.InRange(++refused, 1, PartyRates.RefusedBurst + PartyRates.RefusedPerSecond * (Stopwatch.GetElapsedTime(since).TotalSeconds + 1));
        }

        using var other = await WireParty.ActiveAsync(web, $"other-{Guid.NewGuid():N}");
        Assert.Null(await other.Client.PollAsync(TimeSpan.Zero, CancellationToken.None));
    }

    private static string NewName() => $"wire-{Guid.NewGuid():N}";

    private static Task<PartyOrder?> PollAsync(WireParty party) => party.Client.PollAsync(TimeSpan.Zero, CancellationToken.None);

    private static void Shift(JsonObject claims, int seconds)
    {
        foreach (var name in new[] { "iat", "exp" })
        {
            claims[name] = (long)claims[name]! + seconds;
        }
    }
}
