using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using CsCheck;
using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>The law: whatever a party that is let in sends, it is no error of the server, no wait, and no memory but what was announced and allowed; and what it sends as it should is counted then.</summary>
/// <remarks>What the bytes of an update can say is tried a hundred thousand times where they are read (RemoteUpdateTests); here it is the way there.</remarks>
[Collection(RealWeb.Collection)]
public sealed class PartyFuzzTests(RealWeb web)
{
    private const int Requests = 4_000;
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
            ("PUT", WireParty.UpdatePath(order), Bytes), ("PUT", WireParty.UpdatePath(order), Bytes), ("GET", WireParty.UpdatePath(order), ""), ("POST", $"{WireParty.UpdatePath(order)}/refusal", Json), ("PUT", "updates/run-1/-1/99999999999", Bytes),
            ("PUT", "updates/x/1/1", Bytes), ("PUT", $"evaluations/{Guid.Empty}", Bytes), ("PUT", "evaluations/x", Bytes), ("DELETE", "key", ""), ("GET", "nothing", ""),
        ];
        var bodies = Gen.OneOf(One(s_bodies).Select(Encoding.UTF8.GetBytes), Gen.Byte.Array[0, 4_000], Gen.Int[1, update.Length].Select(length => update[..length]), Gen.Select(Gen.Int[0, update.Length - 1], Gen.Byte, (place, value) => Changed(update, place, value)));
        var requests = Gen.Select(Gen.Int[0, asked.Length - 1], bodies, Mostly("", "text/html", Json, Bytes), Mostly(Convert.ToBase64String(new byte[64]), s_signatures), Mostly("", s_ranges));
        var (number, longest, outcomes) = (0, TimeSpan.Zero, new Dictionary<int, int>());
        var allocated = GC.GetTotalAllocatedBytes();

        await requests.SampleAsync(async sample =>
        {
            var (which, body, other, signature, range) = sample;
            var ((method, what, own), type) = (asked[which], other.Length > 0 ? other : asked[which].Type);
            var party = parties[number++ / EachParty];
            var path = party.PathOf(what);
            var since = Stopwatch.GetTimestamp();
            using var content = type.Length > 0 ? new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } } : null;
            content?.Headers.TryAddWithoutValidation("Content-Range", range.Length > 0 ? range : null);
            using var answer = await party.SendAsync(new HttpMethod(method), path, await party.TokenAsync(method, path.Split('?')[0]), own.Length > 0 ? content : null, request => request.Headers.TryAddWithoutValidation("FedRec-Signature", signature));
            longest = Stopwatch.GetElapsedTime(since) is var took && took > longest ? took : longest;
            outcomes[(int)answer.StatusCode] = outcomes.GetValueOrDefault((int)answer.StatusCode) + 1;

            Assert.True((int)answer.StatusCode < 500, $"{method} {path} ({body.Length} bytes, {type}, {range}): {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }, seed: "0000KOIPe036", iter: Requests, threads: 1);

        Assert.All(new[] { 200, 204, 400, 409, 415 }, status => Assert.True(outcomes.GetValueOrDefault(status) >= 20, $"Only {outcomes.GetValueOrDefault(status)} answers of {status}: the requests do not get far."));
        Assert.InRange(longest, TimeSpan.Zero, s_noWait);
        Assert.InRange((GC.GetTotalAllocatedBytes() - allocated) / Requests, 0, 2 << 20); // a block of an update, and what a request takes
        Assert.Equal(PartyOutcome.Counted, (await parties[^1].Client.SubmitAsync(order, update, CancellationToken.None)).Outcome);
        foreach (var party in parties)
        {
            party.Dispose();
        }
    }

    private static byte[] Changed(byte[] update, int place, byte value)
    {
        var changed = update.ToArray();
        changed[place] = value;
        return changed;
    }

    private static Gen<string> Mostly(string usual, params string[] others) => Gen.Int[0, 9].SelectMany(which => which < 8 ? Gen.Const(usual) : One(others));

    private static Gen<string> One(params string[] words) => Gen.Int[0, words.Length - 1].Select(word => words[word]);
}
