using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Core.Learners;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>A coordinator without a network: it asks what it is told to, and keeps what comes.</summary>
internal sealed class FakeCoordinator : HttpMessageHandler
{
    public const string Federation = "shops";
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() } };
    private readonly Dictionary<string, byte[]> _content = [];

    /// <summary>Invites to it.</summary>
    public static PartyCode Code => new(new Uri("http://localhost:1/"), "", Federation, "0123", "remote-0123", "north", true, [1, 2, 3], DateTimeOffset.UnixEpoch, [], 0);

    /// <summary>Updates that came.</summary>
    public List<byte[]> Updates { get; } = [];

    /// <summary>Answers to steps of secure aggregation that came.</summary>
    public List<byte[]> Steps { get; } = [];

    /// <summary>Reasons of refusals that came.</summary>
    public List<string> Refusals { get; } = [];

    /// <summary>When polls are to come again, which are refused; null where they are answered.</summary>
    public TimeSpan? Busy { get; set; }

    /// <summary>Told of each poll.</summary>
    public Action OnPoll { get; set; } = () => { };

    /// <summary>Reports that came, as JSON.</summary>
    public List<string> Reports { get; } = [];

    /// <summary>Whether it takes no more of a report than users and size class, as releases of before.</summary>
    public bool TakesSizesOnly { get; set; }

    /// <summary>Reasons for which evaluations were refused.</summary>
    public List<string> EvaluationRefusals { get; } = [];

    /// <summary>Whether it takes no reason for an evaluation that is refused, as releases of before.</summary>
    public bool TakesSumsOnly { get; set; }

    /// <summary>Every request with its body; without token and signature, which are random: any short word is in them now and then.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>What is asked until it is answered; polls are answered at once.</summary>
    public Queue<PartyOrder> Asked { get; } = new();

    /// <summary>The version in use, as answers to polls tell it; null for one of an earlier release, which tells none.</summary>
    public PartyOrder? InUse { get; set; }

    /// <summary>Why the version in use cannot be had; null where it can.</summary>
    public HttpStatusCode? Withholds { get; set; }

    /// <summary>Hashes of what was fetched.</summary>
    public List<string> Fetched { get; } = [];

    /// <summary>Sums of evaluations that came.</summary>
    public List<byte[]> Sums { get; } = [];

    /// <summary>An order to train.</summary>
    /// <param name="items">Ids and titles of the catalogue.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="run">Its run.</param>
    /// <param name="round">Its round.</param>
    /// <param name="rounds">How rounds are run.</param>
    /// <param name="clients">Clients of the run.</param>
    /// <param name="epsilon">ε of a private run; null for one that is not private.</param>
    public PartyOrder Order(IReadOnlyList<(string Id, string Title)> items, string learner = "mf", string run = "run-1", int round = 1, RoundSettings? rounds = null, int clients = 3, double? epsilon = null)
    {
        var catalogue = JsonSerializer.SerializeToUtf8Bytes(new { items = items.Select(item => new { id = item.Id, title = item.Title, tags = Array.Empty<string>() }), corrections = Array.Empty<string>() });
        var source = new RunSource { Hosted = new HostedData(clients, items.Count, HasRatings: false) { LargestClass = 12, Users = 60, Interactions = 600 } };
        var request = new RunRequest { Federation = Federation, Learner = learner, Rounds = (rounds ?? new RoundSettings()) with { Count = 4, Weighting = "examples", Deadline = TimeSpan.FromSeconds(30) }, Privacy = epsilon is { } most ? new() { Epsilon = most } : null };
        var made = FederationParts.BuiltIn().Learner(learner).Create(ImmutableSortedDictionary<string, string>.Empty, new FederationShape(items.Count, clients, HasRatings: false) { Users = 60, HasTimes = true });
        var (random, model) = (new Random(round), new float[made.Parameters.Length]);
        foreach (ref var value in model.AsSpan())
        {
            value = (random.NextSingle() - 0.5f) / 10;
        }

        return new PartyOrder
        {
            Update = new PartyUpdateId(run, round, 1),
            Client = 0,
            BaseVersion = 0,
            Phase = made.Prepare(model).Phase.ToString(),
            ModelSha256 = Keep(MemoryMarshal.AsBytes(model.AsSpan()).ToArray()),
            CatalogueSha256 = Keep(catalogue),
            ConfigSha256 = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { request, source }))),
            Request = request,
            Source = source,
        };
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        var body = request.Content is { } content ? await content.ReadAsByteArrayAsync(cancellationToken) : [];
        var known = request.ToString().Split('\n').Where(line => !line.Contains("Authorization:", StringComparison.Ordinal) && !line.Contains("FedRec-Signature:", StringComparison.Ordinal));
        Requests.Add($"{string.Join('\n', known)} {System.Text.Encoding.Latin1.GetString(body)}");
        var answer = new HttpResponseMessage(HttpStatusCode.NoContent);
        if (path.Contains("/evaluations/", StringComparison.Ordinal) && path.EndsWith("/refusal", StringComparison.Ordinal) && TakesSumsOnly)
        {
            answer = new HttpResponseMessage(HttpStatusCode.NotFound);
        }
        else if (path.EndsWith("/refusal", StringComparison.Ordinal))
        {
            (path.Contains("/evaluations/", StringComparison.Ordinal) ? EvaluationRefusals : Refusals).Add(JsonDocument.Parse(body).RootElement.GetProperty("reason").GetString()!);
        }
        else if (path.EndsWith("/poll", StringComparison.Ordinal) && Asked.TryPeek(out var next))
        {
            answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = JsonContent.Create(next, options: s_json) };
        }
        else if (path.EndsWith("/report", StringComparison.Ordinal) && System.Text.Encoding.UTF8.GetString(body) is var report)
        {
            Reports.Add(report);
            answer = TakesSizesOnly && JsonDocument.Parse(report).RootElement.EnumerateObject().Count() > 2 ? new HttpResponseMessage(HttpStatusCode.BadRequest) : answer;
        }
        else if (path.EndsWith("/model", StringComparison.Ordinal))
        {
            answer = InUse is { } named && Withholds is null ? new HttpResponseMessage(HttpStatusCode.OK) { Content = JsonContent.Create(named, options: s_json) }
                : new HttpResponseMessage(Withholds ?? HttpStatusCode.NotFound) { Content = JsonContent.Create(new { title = "No version in use", detail = "Its run is not there any more." }) };
        }
        else if (path.Contains("/evaluations/", StringComparison.Ordinal))
        {
            Sums.Add(body);
        }
        else if (path.Contains("/steps/", StringComparison.Ordinal))
        {
            Steps.Add(body);
        }
        else if (path.Contains("/updates/", StringComparison.Ordinal))
        {
            Updates.Add(body);
            Asked.TryDequeue(out _);
            var place = path.Split('/');
            var receipt = new PartyReceipt(new PartyUpdateId(place[^3], int.Parse(place[^2], System.Globalization.CultureInfo.InvariantCulture), 1), PartyStatements.Sha256(body), PartyOutcome.Counted, body.Length, DateTimeOffset.UnixEpoch);
            answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = JsonContent.Create(receipt, options: s_json) };
        }
        else if (path.Split('/') is [.., "content", var sha256])
        {
            Fetched.Add(sha256);
            answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(_content[sha256]) };
        }

        var busy = Busy; // before anybody hears of the poll
        if (path.EndsWith("/poll", StringComparison.Ordinal))
        {
            OnPoll();
        }

        if (path.EndsWith("/poll", StringComparison.Ordinal) && busy is { } wait)
        {
            answer.Dispose();
            return new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Headers = { RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(wait) } };
        }

        if (path.EndsWith("/poll", StringComparison.Ordinal) && InUse is { } version)
        {
            answer.Headers.Add("FedRec-In-Use", version.BaseVersion.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return answer;
    }

    /// <summary>What an order names.</summary>
    public byte[] ContentOf(string sha256) => _content[sha256];

    private string Keep(byte[] content)
    {
        var sha256 = PartyStatements.Sha256(content);
        _content[sha256] = content;
        return sha256;
    }
}
