using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedRec.Cli;
using FedRec.Cli.Parties;
using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Grains.RemoteParties;
using FedRec.Integration.Tests.EndToEnd;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>A party of version 1 of the protocol, as it was recorded, goes on working with today's server, and a server of that version with today's party.</summary>
/// <remarks>The files are what went over the wire when version 1 was recorded; they are not to be written anew. A new exchange of version 1 gets a file by FEDREC_WRITE_GOLDEN=1.</remarks>
[Collection(RealWeb.Collection)]
public sealed class RecordedPartyTests(RealWeb web)
{
    private const string Golden = "tests/FedRec.Integration.Tests/Web/Real/Golden/party-v1";
    private const string Sha256OfTheParty = "6c088b93ea5906a8db2b3a2345405f3b6844fc5e5d371f24c637eec6110c837f";

    [Fact]
    public async Task Server_TakesTheRecordedRequests_AndAnswersWithEveryMemberOfTheRecordedAnswers()
    {
        using var party = await WireParty.InvitedAsync(web, NewName());
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (key, nextKey) = (party.Key.ExportSubjectPublicKeyInfo(), next.ExportSubjectPublicKeyInfo());
        var (code, answers) = (party.Code, new List<string>());
        var proof = PartyKeys.Sign(party.Key, PartyStatements.OfJoin(code.Federation, code.Server, code.Party, code.Secret, key));
        await AskAsync("join", HttpMethod.Post, "join", 200, Json("join", ("secret", code.Secret), ("publicKey", key), ("proof", proof)));
        await party.Parties.SetStandingAsync("north", PartyStanding.Active);
        await AskAsync("report", HttpMethod.Put, "report", 204, Json("report"));
        var run = await web.Grains.GetGrain<IFederationGrain>(code.Federation).StartRunAsync(new RunRequest { Federation = code.Federation, Learner = "mf", LearnerOptions = new Dictionary<string, string> { ["dims"] = "4" }.ToImmutableSortedDictionary(), Rounds = new() { Count = 2 } });
        Assert.Equal(RunOutcome.Started, run.Outcome);

        var asked = new HashSet<string>();
        using var limit = new CancellationTokenSource(FedRecProcess.Limit);
        while (!(asked.Contains("evaluation") && asked.Contains("2")))
        {
            limit.Token.ThrowIfCancellationRequested();
            if (await party.Client.PollAsync(TimeSpan.FromSeconds(5), limit.Token) is not { } order)
            {
                continue;
            }

            var what = order.Evaluation is null ? "training" : "evaluation";
            await AskAsync($"order-{what}", HttpMethod.Post, "poll", 200); // the same order again
            if (order.Evaluation is { } evaluation)
            {
                await AskAsync("evaluated", HttpMethod.Put, $"evaluations/{evaluation.Id}", 204, new ByteArrayContent([]));
                asked.Add(what);
                continue;
            }

            if (asked.Add($"{order.Update.Round}") && order.Update.Round == 1)
            {
                var (path, update) = (WireParty.UpdatePath(order), await party.TrainAsync(order));
                await AskAsync("upload", HttpMethod.Get, path, 200);
                await AskAsync("problem", HttpMethod.Put, path, 400, new ByteArrayContent(update), new byte[64]);
                await AskAsync("receipt", HttpMethod.Put, path, 200, new ByteArrayContent(update), PartyKeys.Sign(party.Key, PartyStatements.OfUpdate(code.Federation, code.Server, code.Party, order, PartyStatements.Sha256(update))));
            }
            else
            {
                await AskAsync("refusal", HttpMethod.Post, $"{WireParty.UpdatePath(order)}/refusal", 204, Json("refusal"));
            }
        }

        var statement = PartyStatements.OfRotation(code.Federation, code.Server, code.Party, key, nextKey);
        await AskAsync("key", HttpMethod.Put, "key", 200, Json("key", ("publicKey", nextKey), ("signature", PartyKeys.Sign(party.Key, statement)), ("proof", PartyKeys.Sign(next, statement))));
        Assert.Empty(answers.Distinct());

        // What is other than in the recorded answer goes to the list.
        async Task AskAsync(string name, HttpMethod method, string what, int status, HttpContent? content = null, byte[]? signature = null)
        {
            var path = party.PathOf(what);
            using var answer = await party.SendAsync(method, path, name == "join" ? "" : await party.TokenAsync(method.Method, path), content, request =>
            {
                request.Headers.Add("FedRec-Party-Version", "1");
                if (signature is not null)
                {
                    request.Headers.Add("FedRec-Signature", Convert.ToBase64String(signature));
                }
            });
            var text = await answer.Content.ReadAsStringAsync(CancellationToken.None);
            Assert.True(status == (int)answer.StatusCode, $"{name}: {(int)answer.StatusCode} {text}");
            Assert.Equal("1", answer.Headers.GetValues("FedRec-Party-Version").Single());
            Assert.True(name == "join" || answer.Headers.Contains("FedRec-Nonce"), name);
            if (text.Length > 0)
            {
                answers.AddRange(Missing(JsonNode.Parse(Recorded($"{name}.answer", text)), JsonNode.Parse(text), name));
            }
        }
    }

    [Fact]
    public async Task Party_ReadsTheRecordedAnswers()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var code = new PartyCode(new Uri("http://localhost/"), "", "f", "s", "p", "north", true, new byte[32], DateTimeOffset.UtcNow, [], 0);
        async Task<T> ReadAsync<T>(string name, Func<PartyClient, Task<T>> read, HttpStatusCode status = HttpStatusCode.OK)
        {
            using var client = new PartyClient(code, key, handler: new Answering(Recorded($"{name}.answer", null), status));
            return await read(client);
        }

        var training = await ReadAsync("order-training", client => client.PollAsync(TimeSpan.Zero, CancellationToken.None));
        var evaluation = await ReadAsync("order-evaluation", client => client.PollAsync(TimeSpan.Zero, CancellationToken.None));
        var receipt = await ReadAsync("receipt", client => client.SubmitAsync(training!, [1], CancellationToken.None));
        var problem = await ReadAsync("problem", client => Assert.ThrowsAsync<PartyException>(() => client.RefuseAsync(training!, "", CancellationToken.None)), HttpStatusCode.BadRequest);

        Assert.Equal((new PartyUpdateId("run-1", 1, 1), "mf", 0), (training!.Update, training.Request.Learner, training.Client));
        Assert.Same(training, RemoteTrainer.Checked(training)); // the hash of the configuration is that of what was read: nothing was lost, and nothing is new
        Assert.Same(evaluation, RemoteTrainer.Checked(evaluation!));
        Assert.Equal("1 5 10 20 50", string.Join(' ', evaluation!.Evaluation!.Cutoffs));
        Assert.Equal((PartyOutcome.Counted, training.Update), (receipt.Outcome, receipt.Update));
        Assert.Contains("not the party's signature", problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(await ReadAsync("join", client => client.JoinAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task PythonParty_OfVersion1_JoinsAndTrainsEase()
    {
        Assert.Equal(Sha256OfTheParty, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Repository.Root, Golden, "party.py"))))); // as it was
        using var folder = new TemporaryFolder();
        using var party = await WireParty.InvitedAsync(web, NewName());
        var (federation, data) = (party.Code.Federation, Path.Combine(folder.Path, "orders.csv"));
        await File.WriteAllLinesAsync(data, ["user,item,timestamp", .. Enumerable.Range(0, 15).SelectMany(user => WireParty.ItemsOf(user).Select((item, place) => $"u{user},{WireParty.ItemMark}-{item},{place}"))]);

        await using (var join = FedRecProcess.OfPython(folder.Path, $"{Golden}/party.py", "join", party.Code.Write(), "--data", data))
        {
            Assert.True(await join.ExitAsync() == ExitCode.Ok, join.Error);
            Assert.EndsWith((await party.Twin.GetAsync())!.Fingerprint, join.Out.Trim(), StringComparison.Ordinal);
        }

        await party.Parties.SetStandingAsync("north", PartyStanding.Active);
        await using var running = FedRecProcess.OfPython(folder.Path, $"{Golden}/party.py", "run");
        await running.WaitForAsync("connected to ");
        await web.TrainAsync(JsonSerializer.Serialize(new { federation, learner = "ease", learnerOptions = new { lambda = "50" } }));

        await running.WaitForAsync("(ease, summed over 15 users); counted"); // it has read the receipt
        var record = (await party.Twin.GetAsync())!;
        Assert.Equal((1L, 0L, 15), (record.Counted, record.Refused, record.Users));
    }

    private static string NewName() => $"recorded-{Guid.NewGuid():N}";

    // A body as it was sent, with what belongs to this party's key in the place of what belonged to that one's.
    private static StringContent Json(string name, params (string Member, byte[] Value)[] own)
    {
        var sample = name switch { "report" => """{"users":15,"sizeClass":8}""", "refusal" => """{"reason":"minimumCohort is 3"}""", _ => null };
        var body = JsonNode.Parse(Recorded($"{name}.request", sample ?? JsonSerializer.Serialize(own.ToDictionary(one => one.Member, one => one.Value))))!.AsObject();
        foreach (var (member, value) in own)
        {
            Assert.True(body.ContainsKey(member), member);
            body[member] = Convert.ToBase64String(value);
        }

        return new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
    }

    private static string Recorded(string name, string? now)
    {
        var file = Path.Combine(Repository.Root, Golden, $"{name}.json");
        if (!File.Exists(file) && now is not null && Environment.GetEnvironmentVariable("FEDREC_WRITE_GOLDEN") == "1")
        {
            File.WriteAllText(file, now + "\n");
        }

        return File.ReadAllText(file);
    }

    // Whoever reads the recorded answer reads another one where it has these members, with these kinds of values; it may have more.
    private static IEnumerable<string> Missing(JsonNode? recorded, JsonNode? now, string path) => (recorded, now) switch
    {
        (null, _) => [],
        (JsonObject was, JsonObject its) => was.SelectMany(one => its.ContainsKey(one.Key) ? Missing(one.Value, its[one.Key], $"{path}.{one.Key}") : [$"{path}.{one.Key} is gone"]),
        (JsonArray { Count: > 0 } was, JsonArray its) => its.SelectMany((one, place) => Missing(was[0], one, $"{path}[{place}]")),
        _ => KindOf(recorded) == KindOf(now) ? [] : [$"{path} was {KindOf(recorded)} and is {KindOf(now)}"],
    };

    private static JsonValueKind KindOf(JsonNode? node) => node?.GetValueKind() is var kind && kind == JsonValueKind.False ? JsonValueKind.True : kind ?? JsonValueKind.Null;

    private sealed class Answering(string body, HttpStatusCode status) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(new HttpResponseMessage(status)
        {
            Content = new StringContent(body, Encoding.UTF8, (int)status < 300 ? "application/json" : "application/problem+json"),
        });
    }
}
