using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FedRec.Cli.Parties;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Integration.Tests.EndToEnd;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>What a party may ask over HTTP, and what is refused: each with one clear answer, and without a trace.</summary>
[Collection(RealWeb.Collection)]
public sealed class PartyProtocolTests(RealWeb web)
{
    private static readonly ECDsa s_other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Fact]
    public async Task Request_OfAPartyThatMayNot_IsAnsweredByWhyNot()
    {
        using var party = await WireParty.InvitedAsync(web, NewName());
        var unknown = await Assert.ThrowsAsync<PartyException>(() => PollAsync(party));
        await party.Client.JoinAsync(CancellationToken.None);
        var pending = await Assert.ThrowsAsync<PartyException>(() => PollAsync(party));
        await party.Parties.SetStandingAsync("north", PartyStanding.Active);
        Assert.Null(await PollAsync(party));
        await party.Parties.SetStandingAsync("north", PartyStanding.Suspended);
        var suspended = await Assert.ThrowsAsync<PartyException>(() => PollAsync(party));
        await party.Parties.SetStandingAsync("north", PartyStanding.Removed);
        var removed = await Assert.ThrowsAsync<PartyException>(() => PollAsync(party));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Gone), (unknown.Status, pending.Status, suspended.Status, removed.Status));
        Assert.Equal(["Nobody has joined", "waits until its fingerprint", "has suspended", "has removed"],
            new[] { (unknown, "Nobody has joined"), (pending, "waits until its fingerprint"), (suspended, "has suspended"), (removed, "has removed") }.Where(one => one.Item1.Message.Contains(one.Item2, StringComparison.Ordinal)).Select(one => one.Item2));
    }

    [Fact]
    public async Task Join_WithACodeThatWasUsedOrIsOfBefore_IsRefused()
    {
        var federation = NewName();
        using var party = await WireParty.InvitedAsync(web, federation);
        using var thief = new PartyClient(party.Code, s_other);
        using var late = await WireParty.InvitedAsync(web, federation); // invited again: the first code is void

        var isVoid = await Assert.ThrowsAsync<PartyException>(() => party.Client.JoinAsync(CancellationToken.None));
        var fingerprint = await late.Client.JoinAsync(CancellationToken.None);
        using var other = new PartyClient(late.Code, s_other);
        var used = await Assert.ThrowsAsync<PartyException>(() => other.JoinAsync(CancellationToken.None));

        Assert.Contains("one of before", isVoid.Message, StringComparison.Ordinal);
        Assert.Contains("another key", used.Message, StringComparison.Ordinal);
        Assert.Equal(fingerprint, (await late.Twin.GetAsync())!.Fingerprint);
        Assert.Equal(fingerprint, PartyFingerprint.Of(late.Key.ExportSubjectPublicKeyInfo()));
    }

    [Fact]
    public async Task Update_SentTwice_GetsTheSameReceipt_AndWhatIsNotRightIsRefusedFirst()
    {
        using var party = await WireParty.ActiveAsync(web, NewName());
        await StartAsync(party);
        var order = await party.NextAsync();
        var update = await party.TrainAsync(order);

        Assert.Contains("not the party's signature", await RefusedAsync(party, order, update, HttpStatusCode.BadRequest, signed: order with { ModelSha256 = new string('0', 64) }), StringComparison.Ordinal);
        Assert.Contains("not the party's signature", await RefusedAsync(party, order, [.. update[..^1], (byte)(update[^1] ^ 1)], HttpStatusCode.BadRequest, payload: update), StringComparison.Ordinal);
        Assert.Contains("not asked", await RefusedAsync(party, order with { Update = order.Update with { Round = 9 } }, update, HttpStatusCode.Conflict), StringComparison.Ordinal);
        Assert.Contains("bytes, and this one has", await RefusedAsync(party, order, new byte[1 << 20], HttpStatusCode.RequestEntityTooLarge), StringComparison.Ordinal);
        Assert.Contains("no update of this round", await RefusedAsync(party, order, new byte[100], HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Empty((await party.Twin.GetAsync())!.Receipts);
        var first = await party.Client.SubmitAsync(order, update, CancellationToken.None);
        var second = await party.Client.SubmitAsync(order, update, CancellationToken.None);
        var other = await RefusedAsync(party, order, [.. update[..^1], (byte)(update[^1] ^ 1)], HttpStatusCode.Conflict);

        Assert.Equal((PartyOutcome.Counted, first), (first.Outcome, second));
        Assert.Contains("Other bytes", other, StringComparison.Ordinal);
    }

    // One block of it has arrived when the connection breaks: the rest is sent, and not all of it again.
    [Fact]
    public async Task Update_WhoseConnectionBreaks_GoesOnWhereItEnded()
    {
        using var party = await WireParty.ActiveAsync(web, NewName(), items: 600); // an update of more than a block
        await StartAsync(party, "ease");
        var order = await party.NextAsync();
        var update = await party.TrainAsync(order);
        using var breaking = new BreakingHandler(PartyLimits.BlockBytes, async () =>
        {
            using var limit = new CancellationTokenSource(FedRecProcess.Limit);
            using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while ((await party.Twin.ReceivedAsync(order.Update)).Received == 0 && await again.WaitForNextTickAsync(limit.Token))
            {
                // the block is on its way
            }
        });
        using var client = new PartyClient(party.Code, party.Key, handler: breaking);
        Assert.NotNull(await client.PollAsync(TimeSpan.Zero, CancellationToken.None)); // the nonce

        var receipt = await client.SubmitAsync(order, update, CancellationToken.None);

        Assert.Equal((PartyOutcome.Counted, PartyStatements.Sha256(update)), (receipt.Outcome, receipt.PayloadSha256));
        Assert.Equal([$"bytes {PartyLimits.BlockBytes}-{update.Length - 1}/{update.Length}"], breaking.Ranges);
    }

    [Theory]
    [InlineData("bytes 1-2/3")] // nothing has arrived
    [InlineData("bytes 0-9/99")] // not all of the rest
    [InlineData("items 0-9/10")]
    [InlineData("all")]
    public async Task Update_WithAPartThatDoesNotFit_IsRefused(string range)
    {
        using var party = await WireParty.ActiveAsync(web, NewName());
        await StartAsync(party);
        var order = await party.NextAsync();
        var path = party.PathOf(WireParty.UpdatePath(order));
        using var content = new ByteArrayContent(new byte[range == "bytes 1-2/3" ? 2 : 10]);
        content.Headers.TryAddWithoutValidation("Content-Range", range);

        using var answer = await party.SendAsync(HttpMethod.Put, path, await party.TokenAsync("PUT", path), content, request => request.Headers.Add("FedRec-Signature", Convert.ToBase64String(new byte[64])));

        Assert.Contains(range == "bytes 1-2/3" ? "0 bytes have arrived" : "Content-Range must say", await Problems.ReasonAsync(answer), StringComparison.Ordinal);
        Assert.Equal(0, (await party.Twin.ReceivedAsync(order.Update)).Received);
    }

    [Fact]
    public async Task Content_IsReadInParts_ByItsHashOnly()
    {
        using var party = await WireParty.ActiveAsync(web, NewName());
        await StartAsync(party);
        var order = await party.NextAsync();
        var whole = await party.Client.FetchAsync(order.ModelSha256, CancellationToken.None);
        var path = party.PathOf($"content/{order.ModelSha256}");

        using var part = await party.SendAsync(HttpMethod.Get, path, await party.TokenAsync("GET", path), change: request => request.Headers.Range = new RangeHeaderValue(10, 29));
        using var known = await party.SendAsync(HttpMethod.Get, path, await party.TokenAsync("GET", path), change: request => request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue($"\"{order.ModelSha256}\"")));
        var unknown = await Assert.ThrowsAsync<PartyException>(() => party.Client.FetchAsync(new string('0', 64), CancellationToken.None));

        Assert.Equal((HttpStatusCode.PartialContent, HttpStatusCode.NotModified, HttpStatusCode.NotFound), (part.StatusCode, known.StatusCode, unknown.Status));
        Assert.Equal(whole[10..30], await part.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Poll_IsAnsweredWithTheVersionInUse_WhichIsNamedForTheAsking()
    {
        using var party = await WireParty.ActiveAsync(web, NewName());
        Assert.Null(await party.Client.PollAsync(TimeSpan.Zero, CancellationToken.None));
        var none = (party.Client.InUse, await Assert.ThrowsAsync<PartyException>(() => party.Client.GetVersionInUseAsync(CancellationToken.None)));
        await StartAsync(party);
        while (party.Client.InUse is null)
        {
            if (await party.Client.PollAsync(TimeSpan.FromSeconds(1), CancellationToken.None) is { } order)
            {
                await (order.Evaluation is { } evaluation ? party.Client.EvaluatedAsync(evaluation.Id, [], CancellationToken.None) : party.Client.SubmitAsync(order, await party.TrainAsync(order), CancellationToken.None));
            }
        }

        var named = await party.Client.GetVersionInUseAsync(CancellationToken.None);

        Assert.Equal((null, HttpStatusCode.NotFound), (none.InUse, none.Item2.Status));
        Assert.Equal((party.Client.InUse, null), ((long?)named.BaseVersion, named.Evaluation));
        Assert.Equal(named.ModelSha256, PartyStatements.Sha256(await party.Client.FetchAsync(named.ModelSha256, CancellationToken.None)));
    }

    [Fact]
    public async Task Party_OfAnotherVersionOfTheProtocol_IsToldWhichIsSpoken()
    {
        using var party = await WireParty.ActiveAsync(web, NewName());
        var path = party.PathOf("poll");

        using var answer = await party.SendAsync(HttpMethod.Post, path, await party.TokenAsync("POST", path), change: request => request.Headers.Add("FedRec-Party-Version", "9"));

        Assert.Equal((HttpStatusCode.BadRequest, "1"), (answer.StatusCode, answer.Headers.GetValues("FedRec-Party-Version").Single()));
        Assert.Contains("speaks version 9 of the protocol, and this server 1 only", await Problems.ReasonAsync(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_MoreThanAPartyIsGiven_AreAnsweredByWhenToComeBack_AndOtherPartiesGoOn()
    {
        using var hasty = await WireParty.ActiveAsync(web, NewName());
        using var other = await WireParty.ActiveAsync(web, NewName());
        var (path, taken) = (hasty.PathOf("poll"), 0);
        HttpResponseMessage? answer = null;
        while (answer is null && taken < 20_000)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => hasty.SendAsync(HttpMethod.Post, path, token: ""))); // faster than it is given more
            answer = Array.Find(answers, one => one.StatusCode != HttpStatusCode.Unauthorized);
            foreach (var one in answers.Where(one => one != answer))
            {
                one.Dispose();
            }

            taken += 50;
        }

        using (answer)
        {
            Assert.NotNull(answer);
            var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            Assert.Equal((HttpStatusCode.TooManyRequests, "application/problem+json", 429), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, (int)problem["status"]!));
            Assert.True(answer.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1), $"{answer.Headers.RetryAfter}");
            Assert.Contains($"Come back in {(int)answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds} s.", (string)problem["detail"]!, StringComparison.Ordinal);
        }

        Assert.Null(await PollAsync(other));
    }

    [Theory]
    [InlineData(-47)]
    [InlineData(47)]
    public async Task Party_WhoseClockIsMinutesOff_GoesByTheCoordinators(int minutes)
    {
        using var party = await WireParty.ActiveAsync(web, NewName());
        using var off = new PartyClient(party.Code, party.Key, new ShiftedTime(TimeSpan.FromMinutes(minutes)));

        Assert.Null(await off.PollAsync(TimeSpan.Zero, CancellationToken.None));
        Assert.InRange(off.Ahead.TotalMinutes, -minutes - 0.1, -minutes + 0.1);
    }

    /// <summary>Breaks the connection of the first update on its way, and notes where later ones begin.</summary>
    private sealed class BreakingHandler(int after, Func<Task> arrived) : DelegatingHandler(new SocketsHttpHandler())
    {
        private bool _isBroken;

        public List<string?> Ranges { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Put && !_isBroken)
            {
                _isBroken = true;
                request.Content = new BrokenContent(await request.Content!.ReadAsByteArrayAsync(cancellationToken), after, arrived);
            }
            else if (request.Method == HttpMethod.Put)
            {
                Ranges.Add(request.Content!.Headers.ContentRange?.ToString());
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class BrokenContent(byte[] bytes, int after, Func<Task> arrived) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, after));
            await stream.FlushAsync();
            await arrived();
            throw new IOException("The connection breaks.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }

    private sealed class ShiftedTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    private static string NewName() => $"wire-{Guid.NewGuid():N}";

    private static Task<PartyOrder?> PollAsync(WireParty party) => party.Client.PollAsync(TimeSpan.Zero, CancellationToken.None);

    private async Task StartAsync(WireParty party, string learner = "mf")
    {
        var receipt = await web.Grains.GetGrain<FedRec.Contracts.Federations.IFederationGrain>(party.Code.Federation).StartRunAsync(new RunRequest
        {
            Federation = party.Code.Federation,
            Learner = learner,
            LearnerOptions = learner == "mf" ? System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("dims", "4") : System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty,
            Rounds = new RoundSettings { Count = learner == "mf" ? 2 : 0 },
        });
        Assert.True(receipt.Outcome == RunOutcome.Started, receipt.Message);
    }

    private static async Task<string> RefusedAsync(WireParty party, PartyOrder order, byte[] update, HttpStatusCode status, PartyOrder? signed = null, byte[]? payload = null)
    {
        var path = party.PathOf(WireParty.UpdatePath(order));
        var statement = PartyStatements.OfUpdate(party.Code.Federation, party.Code.Server, party.Code.Party, signed ?? order, PartyStatements.Sha256(payload ?? update));
        using var content = new ByteArrayContent(update) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
        using var answer = await party.SendAsync(HttpMethod.Put, path, await party.TokenAsync("PUT", path), content, request => request.Headers.Add("FedRec-Signature", Convert.ToBase64String(PartyKeys.Sign(party.Key, statement))));
        Assert.Equal(status, answer.StatusCode);
        return await Problems.ReasonAsync(answer);
    }
}
