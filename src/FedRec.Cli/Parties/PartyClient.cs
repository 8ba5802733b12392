using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;

namespace FedRec.Cli.Parties;

/// <summary>What a party asks of the coordinator, and what it sends.</summary>
internal sealed class PartyClient : IDisposable
{
    private const string InUseHeader = "FedRec-In-Use";
    private const int MostTries = 5; // of one thing whose connection ends on the way
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
    private static readonly JsonSerializerOptions s_told = new(s_json) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    private readonly PartyConnection _connection;
    private readonly TimeProvider _time;

    /// <summary>For a party that is about to join.</summary>
    public PartyClient(PartyCode code, ECDsa key, TimeProvider? time = null, HttpMessageHandler? handler = null)
    {
        _time = time ?? TimeProvider.System;
        _connection = new PartyConnection(code, key, folder: null, _time, handler);
    }

    /// <summary>For a party that has joined.</summary>
    public PartyClient(PartyFolder folder)
    {
        _time = TimeProvider.System;
        _connection = new PartyConnection(folder.Membership.Code, folder.ReadKey(), folder, _time);
    }

    /// <inheritdoc cref="PartyConnection.Ahead"/>
    public TimeSpan Ahead => _connection.Ahead;

    /// <summary>Where the coordinator is now.</summary>
    public Uri Url => Code.Url;

    /// <summary>Number of the version in use, as the answer to the last poll told it; null where it told none.</summary>
    public long? InUse { get; private set; }

    /// <inheritdoc cref="PartyConnection.Say"/>
    public Action<string> Say { set => _connection.Say = value; }

    private PartyCode Code => _connection.Code;

    /// <summary>Shows the invitation and the key.</summary>
    /// <returns>The key's fingerprint in words, as the coordinator has it.</returns>
    /// <exception cref="PartyException">The coordinator refuses.</exception>
    public Task<string> JoinAsync(CancellationToken cancellationToken)
    {
        var key = _connection.Key.ExportSubjectPublicKeyInfo();
        var proof = PartyKeys.Sign(_connection.Key, PartyStatements.OfJoin(Code.Federation, Code.Server, Code.Party, Code.Secret, key));
        return FingerprintAsync(HttpMethod.Post, "join", new { secret = Code.Secret, publicKey = key, proof }, cancellationToken);
    }

    /// <summary>Puts another key in the place of the party's; done where an attempt that was cut off has done so.</summary>
    /// <returns>The new key's fingerprint in words, as the coordinator has it.</returns>
    /// <exception cref="PartyException">The coordinator refuses.</exception>
    public async Task<string> RotateAsync(ECDsa next, CancellationToken cancellationToken)
    {
        await PollAsync(TimeSpan.Zero, cancellationToken); // which of the two the coordinator knows
        if (PartyKeys.AreSame(_connection.Key, next))
        {
            return PartyFingerprint.Of(next.ExportSubjectPublicKeyInfo());
        }

        var key = next.ExportSubjectPublicKeyInfo();
        var statement = PartyStatements.OfRotation(Code.Federation, Code.Server, Code.Party, _connection.Key.ExportSubjectPublicKeyInfo(), key);
        return await FingerprintAsync(HttpMethod.Put, "key", new { publicKey = key, signature = PartyKeys.Sign(_connection.Key, statement), proof = PartyKeys.Sign(next, statement) }, cancellationToken);
    }

    /// <summary>What to do next; null for nothing within the wait.</summary>
    /// <exception cref="PartyException">The coordinator refuses.</exception>
    public async Task<PartyOrder?> PollAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var answer = await _connection.SendAsync(HttpMethod.Post, "poll", null, cancellationToken, query: $"?wait={(int)wait.TotalSeconds}");
        InUse = answer.Headers.TryGetValues(InUseHeader, out var told) && long.TryParse(told.First(), CultureInfo.InvariantCulture, out var version) && version > 0 ? version : null;
        return answer.StatusCode == HttpStatusCode.NoContent ? null : await answer.Content.ReadFromJsonAsync<PartyOrder>(s_json, cancellationToken);
    }

    /// <summary>The version in use, named the way an order names a model.</summary>
    /// <exception cref="PartyException">There is none, or the coordinator is of an earlier release.</exception>
    public async Task<PartyOrder> GetVersionInUseAsync(CancellationToken cancellationToken)
    {
        using var answer = await _connection.SendAsync(HttpMethod.Get, "model", null, cancellationToken);
        return (await answer.Content.ReadFromJsonAsync<PartyOrder>(s_json, cancellationToken))!;
    }

    /// <summary>Tells how much the party holds; to a coordinator of an earlier release, which refuses the rest, only what that takes.</summary>
    /// <exception cref="PartyException">The coordinator refuses.</exception>
    public async Task ReportAsync(PartyReport report, CancellationToken cancellationToken)
    {
        var least = new PartyReport(report.Users, report.SizeClass);
        try
        {
            using var answer = await _connection.SendAsync(HttpMethod.Put, "report", request => request.Content = JsonContent.Create(report, options: s_told), cancellationToken);
        }
        catch (PartyException exception) when (exception.Status == HttpStatusCode.BadRequest && report != least)
        {
            using var answer = await _connection.SendAsync(HttpMethod.Put, "report", request => request.Content = JsonContent.Create(least, options: s_told), cancellationToken);
        }
    }

    /// <summary>Fetches what an order names; where the connection ends, from there on.</summary>
    /// <exception cref="PartyException">The coordinator does not have it any more.</exception>
    /// <exception cref="InvalidDataException">What came is something else.</exception>
    public async Task<byte[]> FetchAsync(string sha256, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        for (var failures = 0; ;)
        {
            try
            {
                using var answer = await _connection.SendAsync(HttpMethod.Get, $"content/{sha256}", request => request.Headers.Range = all.Length > 0 ? new RangeHeaderValue(all.Length, null) : null, cancellationToken);
                if (answer.StatusCode != HttpStatusCode.PartialContent)
                {
                    all.SetLength(0); // all of it, whatever was asked for
                }

                await answer.Content.CopyToAsync(all, cancellationToken);
                break;
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException && ++failures < MostTries && all.Length > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(failures), _time, cancellationToken);
            }
        }

        var bytes = all.ToArray();
        return PartyStatements.Sha256(bytes) == sha256 ? bytes : throw new InvalidDataException($"What came for the hash {sha256} is something else; nothing was trained on it.");
    }

    /// <summary>Sends an update; where the connection ends, from what has arrived on.</summary>
    /// <exception cref="PartyException">The coordinator refuses it.</exception>
    public async Task<PartyReceipt> SubmitAsync(PartyOrder order, byte[] update, CancellationToken cancellationToken)
    {
        var sha256 = PartyStatements.Sha256(update);
        for (var (from, failures) = (0L, 0); ;)
        {
            try
            {
                using var answer = await _connection.SendAsync(HttpMethod.Put, PathOf(order.Update), request =>
                {
                    var statement = PartyStatements.OfUpdate(Code.Federation, Code.Server, Code.Party, order, sha256);
                    request.Headers.Add("FedRec-Signature", Convert.ToBase64String(PartyKeys.Sign(_connection.Key, statement)));
                    request.Content = Bytes(update.AsMemory((int)from));
                    request.Content.Headers.ContentRange = from > 0 ? new ContentRangeHeaderValue(from, update.Length - 1, update.Length) : null;
                }, cancellationToken);
                return (await answer.Content.ReadFromJsonAsync<PartyReceipt>(s_json, cancellationToken))!;
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException && ++failures < MostTries)
            {
                await Task.Delay(TimeSpan.FromSeconds(failures), _time, cancellationToken);
                from = await ReceivedAsync(order, cancellationToken) is var received && received < update.Length ? received : 0;
            }
            catch (PartyException exception) when (exception.Status == HttpStatusCode.Conflict && from > 0)
            {
                from = 0; // what had arrived is there no more
            }
        }
    }

    /// <summary>Sends the answer to a step of secure aggregation.</summary>
    /// <exception cref="PartyException">It is not asked any more.</exception>
    public async Task AnswerAsync(PartyOrder order, SecureStep step, byte[] message, CancellationToken cancellationToken)
    {
        using var answer = await _connection.SendAsync(HttpMethod.Put, $"{PathOf(order.Update)}/steps/{step.ToString().ToLowerInvariant()}", request => request.Content = Bytes(message), cancellationToken);
    }

    /// <summary>Says that the party will not do what it was asked.</summary>
    /// <exception cref="PartyException">It is not asked any more.</exception>
    public async Task RefuseAsync(PartyOrder order, string reason, CancellationToken cancellationToken)
    {
        using var answer = await _connection.SendAsync(HttpMethod.Post, $"{PathOf(order.Update)}/refusal", request => request.Content = JsonContent.Create(new { reason }, options: s_json), cancellationToken);
    }

    /// <summary>Sends the sums of an evaluation.</summary>
    /// <exception cref="PartyException">It is not asked any more.</exception>
    public async Task EvaluatedAsync(Guid evaluation, byte[] sums, CancellationToken cancellationToken)
    {
        using var answer = await _connection.SendAsync(HttpMethod.Put, $"evaluations/{evaluation}", request => request.Content = Bytes(sums), cancellationToken);
    }

    /// <summary>Says that the party will not evaluate; to a coordinator of an earlier release, which takes no reason, it sends no sums.</summary>
    /// <exception cref="PartyException">It is not asked any more.</exception>
    public async Task RefuseEvaluationAsync(Guid evaluation, string reason, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _connection.SendAsync(HttpMethod.Post, $"evaluations/{evaluation}/refusal", request => request.Content = JsonContent.Create(new { reason }, options: s_json), cancellationToken);
        }
        catch (PartyException exception) when (exception.Status is HttpStatusCode.NotFound or HttpStatusCode.InternalServerError)
        {
            await EvaluatedAsync(evaluation, [], cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private static string PathOf(PartyUpdateId update) => FormattableString.Invariant($"updates/{update.Run}/{update.Round}/{update.Attempt}");

    private static ReadOnlyMemoryContent Bytes(ReadOnlyMemory<byte> bytes) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };

    private async Task<long> ReceivedAsync(PartyOrder order, CancellationToken cancellationToken)
    {
        using var answer = await _connection.SendAsync(HttpMethod.Get, PathOf(order.Update), null, cancellationToken);
        return (await answer.Content.ReadFromJsonAsync<Upload>(s_json, cancellationToken))!.Received;
    }

    private async Task<string> FingerprintAsync<T>(HttpMethod method, string what, T body, CancellationToken cancellationToken)
    {
        using var answer = await _connection.SendAsync(method, what, request => request.Content = JsonContent.Create(body, options: s_json), cancellationToken);
        return (await answer.Content.ReadFromJsonAsync<Joined>(s_json, cancellationToken))!.Fingerprint;
    }

    private sealed record Joined(string Fingerprint);

    private sealed record Upload(long Received);
}
