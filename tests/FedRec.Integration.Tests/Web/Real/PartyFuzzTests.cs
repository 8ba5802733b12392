using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>The law: whatever a party that is let in sends, it is no error of the server, no wait, and no memory but what was announced and allowed; and what it sends as it should is counted then.</summary>
/// <remarks>What the bytes of an update can say is tried a hundred thousand times where they are read (RemoteUpdateTests); here it is the way there.</remarks>
[Collection(RealWeb.Collection)]
public sealed class PartyFuzzTests(RealWeb web)
{
    private const int Requests = 4_400;
    private const int EachParty = 900; // before it is told to come back
    private static readonly TimeSpan s_noWait = TimeSpan.FromSeconds(20);

    private static readonly string[] s_bodies = ["", "{}", "[]", "null", "{\"users\":-1,\"sizeClass\":99}", "{\"users\":1e99}", "{\"reason\":null}", "{\"reason\":\"\\u0000\"}", "{\"secret\":\"AAAA\",\"publicKey\":\"AAAA\",\"proof\":\"\"}", "{\"publicKey\":\"!\"}"];
    private static readonly string[] s_ranges = ["bytes 0-0/1", "bytes 9-8/1", "bytes */*", "bytes 5-99999999999/99999999999", "x"];
    private static readonly string[] s_signatures = ["", "AAAA", "not base64", new('A', 5_000), Convert.ToBase64String(new byte[64])];

    [Fact]
    public async Task AnyRequest_OfAPartyThatIsLetIn_IsAnsweredWithoutAnErrorOfTheServer()
    {
        var parties = new List<WireParty>();
        for (var i = 0; i < Requests / EachParty + 1; i++)
        {
            parties.Add(await WireParty.ActiveAsync(web, $"fuzz-{Guid.NewGuid():N}"));
        }

        await web.Grains.GetGrain<IFederationGrain>(parties[^1].Code.Federation).StartRunAsync(new RunRequest { Federation = parties[^1].Code.Federation, Learner = "mf", Rounds = new RoundSettings { Count = 1, Deadline = TimeSpan.FromMinutes(10) } });
        var order = await parties[^1].NextAsync();
        var update = await parties[^1].TrainAsync(order);
        const string Json = "application/json", Bytes = "application/octet-stream";
        (string Method, string What, string Type)[] asked =
        [
            ("POST", "poll?wait=0", ""), ("POST", "poll?wait=-1", ""), ("POST", "poll?wait=x", ""), ("PUT", "report", Json), ("PUT", "key", Json), ("POST", "join", Json), ("GET", $"content/{order.ModelSha256}", ""), ("GET", "content/x", ""),
            ("PUT", WireParty.UpdatePath(order), Bytes), ("PUT", WireParty.UpdatePath(order), Bytes), ("GET", WireParty.UpdatePath(order), ""), ("POST", "updates/run-1/1/9/refusal", Json), ("PUT", "updates/run-1/-1/99999999999", Bytes),
            ("PUT", "updates/x/1/1", Bytes), ("PUT", $"evaluations/{Guid.Empty}", Bytes), ("PUT", "evaluations/x", Bytes), ("POST", $"evaluations/{Guid.Empty}/refusal", Json), ("GET", "model", ""), ("DELETE", "key", ""), ("GET", "nothing", ""),
        ];
        var (random, longest, outcomes) = (new Random(7), TimeSpan.Zero, new Dictionary<int, int>());
        var allocated = GC.GetTotalAllocatedBytes();
        for (var number = 0; number < Requests; number++)
        {
            var (method, what, own) = asked[random.Next(asked.Length)];
            var (body, type, signature, range) = (Body(random, update), Mostly(random, own, "text/html", Json, Bytes), Mostly(random, Convert.ToBase64String(new byte[64]), s_signatures), Mostly(random, "", s_ranges));
            var party = parties[number / EachParty];
            var path = party.PathOf(what);
            var since = Stopwatch.GetTimestamp();
            using var content = type.Length > 0 ? new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } } : null;
            content?.Headers.TryAddWithoutValidation("Content-Range", range.Length > 0 ? range : null);
            using var answer = await party.SendAsync(new HttpMethod(method), path, await party.TokenAsync(method, path.Split('?')[0]), own.Length > 0 ? content : null, request => request.Headers.TryAddWithoutValidation("FedRec-Signature", signature));
            longest = Stopwatch.GetElapsedTime(since) is var took && took > longest ? took : longest;
            outcomes[(int)answer.StatusCode] = outcomes.GetValueOrDefault((int)answer.StatusCode) + 1;

            Assert.True((int)answer.StatusCode < 500, $"{method} {path} ({body.Length} bytes, {type}, {range}): {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }

        Assert.All(new[] { 200, 204, 400, 409, 415 }, status => Assert.True(outcomes.GetValueOrDefault(status) >= 20, $"Only {outcomes.GetValueOrDefault(status)} answers of {status}: the requests do not get far."));
        Assert.InRange(longest, TimeSpan.Zero, s_noWait);
        Assert.InRange((GC.GetTotalAllocatedBytes() - allocated) / Requests, 0, 2 << 20); // a block of an update, and what a request takes
        Assert.Equal(PartyOutcome.Counted, (await parties[^1].Client.SubmitAsync(order, update, CancellationToken.None)).Outcome);
        foreach (var party in parties)
        {
            party.Dispose();
        }
    }

    private static byte[] Body(Random random, byte[] update)
    {
        switch (random.Next(4))
        {
            case 0:
                return Encoding.UTF8.GetBytes(s_bodies[random.Next(s_bodies.Length)]);
            case 1:
                var bytes = new byte[random.Next(4_000)];
                random.NextBytes(bytes);
                return bytes;
            case 2:
                return update[..random.Next(1, update.Length)];
            default:
                var changed = update.ToArray();
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
                return changed;
        }
    }

    private static string Mostly(Random random, string usual, params string[] others) => random.Next(5) > 0 ? usual : others[random.Next(others.Length)];
}
