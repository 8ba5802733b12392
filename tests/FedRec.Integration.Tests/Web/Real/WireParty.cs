using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using FedRec.Cli.Parties;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.RemoteParties;
using FedRec.Core.Federation;
using FedRec.Grains.RemoteParties;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>A party at the wire of a real front end: what it says of itself can be made wrong, a claim at a time.</summary>
internal sealed class WireParty : IDisposable
{
    /// <summary>Begins every user id of the party, and nothing else.</summary>
    public const string UserMark = "quokka-of-the-western-shore";

    /// <summary>Begins every item id, and nothing else.</summary>
    public const string ItemMark = "numbat-with-a-striped-back";

    private readonly RealWeb _web;

    private WireParty(RealWeb web, PartyCode code, RemoteTrainer trainer)
    {
        (_web, Code, Trainer) = (web, code, trainer);
        Client = new PartyClient(code, Key);
    }

    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public PartyCode Code { get; }

    public PartyClient Client { get; }

    public RemoteTrainer Trainer { get; }

    public IPartyGrain Twin => _web.Grains.GetGrain<IPartyGrain>($"{Code.Federation}/{Code.Party}");

    public IPartiesGrain Parties => _web.Grains.GetGrain<IPartiesGrain>(Code.Federation);

    /// <summary>Invited to a federation with some items, and not joined yet.</summary>
    public static async Task<WireParty> InvitedAsync(RealWeb web, string federation, string name = "north", int items = 20)
    {
        var ticket = await web.Grains.GetGrain<IPartiesGrain>(federation).InviteAsync(name, new PartyTerms(true, "", HasRatings: false, TimeSpan.FromDays(1)));
        await web.Grains.GetGrain<ICatalogueGrain>(federation).AddAsync([.. Enumerable.Range(0, items).Select(item => new CatalogueItem($"{ItemMark}-{item}", null, []))]);
        var code = new PartyCode(web.Client.BaseAddress!, "", federation, ticket.Server, ticket.Party, name, true, ticket.Secret.ToArray(), ticket.Until, ticket.ServerKey.ToArray(), ticket.Moves);
        var trainer = new RemoteTrainer(FederationParts.BuiltIn(), Enumerable.Range(0, 200).Select(i =>
            new HistoryChange($"{UserMark}-{i % 15}", HistoryChangeKind.Added, $"{ItemMark}-{ItemOf(i)}") { Time = 1_700_000_000_000 + i }));
        return new WireParty(web, PartyCodes.Read(code.Write()), trainer);
    }

    /// <summary>Joined and approved.</summary>
    public static async Task<WireParty> ActiveAsync(RealWeb web, string federation, int items = 20, string name = "north")
    {
        var party = await InvitedAsync(web, federation, name, items);
        await party.Client.JoinAsync(CancellationToken.None);
        await party.Parties.SetStandingAsync(name, PartyStanding.Active);
        await party.Client.ReportAsync(party.Trainer.Report, CancellationToken.None);
        return party;
    }

    /// <summary>Numbers of the items of a user, in the order in which they were met.</summary>
    public static int[] ItemsOf(int user) => [.. Enumerable.Range(0, 200).Where(i => i % 15 == user).Select(ItemOf)];

    private static int ItemOf(int row) => ((row * 7) + (row / 15)) % 20;

    public string PathOf(string what) => $"/party/v1/{Code.Federation}/{Code.Party}/{what}";

    /// <summary>A token for a request, with claims as they should be or changed.</summary>
    public async Task<string> TokenAsync(string method, string path, Action<JsonObject>? change = null, ECDsa? by = null, string algorithm = "ES256", Action<JsonObject>? header = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["iss"] = Code.Party,
            ["aud"] = PartyStatements.Audience(Code.Federation, Code.Server),
            ["iat"] = now,
            ["exp"] = now + 120,
            ["jti"] = Guid.NewGuid().ToString("N"),
            ["nonce"] = (await Twin.GetCredentialAsync())!.Nonce,
            ["htm"] = method,
            ["htu"] = path,
        };
        change?.Invoke(claims);
        var head = new JsonObject { ["alg"] = algorithm, ["typ"] = "JWT" };
        header?.Invoke(head);
        var text = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(head.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        var signature = algorithm switch
        {
            "none" => [],
            "HS256" => HMACSHA256.HashData(Key.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(text)),
            _ => PartyKeys.Sign(by ?? Key, Encoding.ASCII.GetBytes(text)),
        };
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Sends a request with a token.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string token, HttpContent? content = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = token.Length > 0 ? new AuthenticationHeaderValue("Bearer", token) : null;
        change?.Invoke(request);
        return await _web.Client.SendAsync(request);
    }

    /// <summary>What is asked of the party now.</summary>
    public async Task<PartyOrder> NextAsync()
    {
        while (true)
        {
            if (await Client.PollAsync(TimeSpan.FromSeconds(5), CancellationToken.None) is { Evaluation: null } order)
            {
                return order;
            }

            await Twin.EvaluatedAsync((await Twin.PollAsync(TimeSpan.Zero))?.Evaluation?.Id ?? Guid.Empty, ReadOnlyMemory<byte>.Empty);
        }
    }

    public async Task<byte[]> TrainAsync(PartyOrder order)
    {
        var (catalogue, model) = (await Client.FetchAsync(order.CatalogueSha256, CancellationToken.None), await Client.FetchAsync(order.ModelSha256, CancellationToken.None));
        return Trainer.Train(RemoteTrainer.Checked(order), catalogue, model);
    }

    public static string UpdatePath(PartyOrder order) => string.Create(CultureInfo.InvariantCulture, $"updates/{order.Update.Run}/{order.Update.Round}/{order.Update.Attempt}");

    public void Dispose()
    {
        Client.Dispose();
        Key.Dispose();
        Trainer.Dispose();
    }
}
