using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FedRec.Cli;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Hosting;
using FedRec.Integration.Tests.Cli;
using FedRec.Integration.Tests.Storage;
using FedRec.Storage;
using FedRec.Storage.Encryption;

namespace FedRec.Integration.Tests.Web.Real;

/// <summary>After rounds with everything that has a secret: none of them, and no update, stands in logs, traces, answers, files or the store.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class SecretScanTests(AzuriteFixture azurite) : IDisposable
{
    private const string Hosted = "quokka-of-the-eastern-shore"; // a hosted user
    private const string AccountKey = "AccountKey=";
    private readonly TemporaryFolder _folder = new(); // of the secrets themselves
    private readonly StorageKey _storageKey = StorageKey.Create("k1");
    private readonly StorageKey _formerKey = StorageKey.Create("k0");
    private readonly byte[] _privacyKey = RandomNumberGenerator.GetBytes(32);
    private readonly string _apiKey = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rounds_WithEverySecret_LeaveNoneOfThemAnywhere()
    {
        using var traces = new Traces();
        using var error = new StringWriter();
        var web = new RealWeb("blob", Variables(), TextWriter.Synchronized(error), "doctor", "--verbose");
        using var folder = web; // its files are looked at after it has ended
        await web.InitializeAsync();
        WireParty party;
        List<SecretForms> secrets;
        string answers;
        try
        {
            party = await WireParty.ActiveAsync(web, "wire");
            using (party)
            {
                secrets = await SecretsAsync(web, party);
                secrets.AddRange(await TrainAsync(web, party));
                answers = await AskAsync(web, party);
            }
        }
        finally
        {
            await web.DisposeAsync();
        }

        var places = Places(web).Append(("the log", Encoding.UTF8.GetBytes(error.ToString()))).Append(("traces", Encoding.UTF8.GetBytes(traces.ToString()))).Append(("answers", Encoding.UTF8.GetBytes(answers))).ToList();
        Assert.True(places.Count > 20 && error.ToString().Length > 100_000, $"{places.Count} places, a log of {error.ToString().Length} letters");
        Assert.Contains("trace: ", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Microsoft.AspNetCore", traces.ToString(), StringComparison.Ordinal);
        Assert.True(secrets.Count > 15, $"{secrets.Count} secrets");
        var found = (from secret in secrets
                     from place in places
                     from form in secret.FoundIn(place.Item2)
                     select $"{form} in {place.Item1}").ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    /// <summary>Secrets where they do not belong, or not as they should be, and the way they come in.</summary>
    public static TheoryData<string> Mistakes => ["connection string", "web key", "storage keys", "storage key file", "certificate password", "access key", "storage key id", "party code", "key file of a private run"];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Mistake_WithASecret_IsToldWithoutIt(string what)
    {
        var (secret, line) = (Convert.ToBase64String(RandomNumberGenerator.GetBytes(48)), new[] { "model", "list", "--storage", "blob" });
        Dictionary<string, string> variables = new() { ["FEDREC__Storage__ConnectionString"] = azurite.ConnectionString };
        var file = Path.Combine(_folder.Path, "file");
        await File.WriteAllTextAsync(file, secret);
        switch (what)
        {
            case "connection string":
                variables["FEDREC__Storage__ConnectionString"] = $"AccountName=fedrec;AccountKey={secret}";
                break;
            case "web key":
                variables["FEDREC__Web__ApiKey"] = $"{secret} {secret}";
                break;
            case "storage keys":
                variables["FEDREC__Storage__Encryption__Keys"] = $"k1 {secret}";
                break;
            case "storage key file":
                variables["FEDREC__Storage__Encryption__KeyFile"] = file;
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(file, UnixFileMode.UserRead);
                }

                break;
            case "certificate password":
                variables["FEDREC__Silo__Tls__Password"] = secret;
                variables["FEDREC__Silo__Tls__Certificate"] = file;
                variables["FEDREC__Silo__Tls__Name"] = "fedrec";
                break;
            case "access key":
                line = ["access", "key", "revoke", $"frk_0123456789ab_{secret}", "--storage", "memory"];
                break;
            case "storage key id":
                StorageKeyFile.Save(file, new KeyRing(_storageKey), replaces: true);
                line = ["store", "key", "use", secret, file];
                break;
            case "party code":
                line = ["party", "join", $"{PartyCode.Prefix}{secret}", "--data", "nothing.csv"];
                break;
            default:
                variables["FEDREC__Privacy__KeyFile"] = file;
                line = ["simulate", "--storage", "memory", "--clients", "20", "--items", "20", "--learner", "mf", "--objective", "bpr", "--epsilon", "6", "--clip-norm", "0.5", "--rounds", "1"];
                break;
        }

        var run = await CommandRun.OfAsync(_folder.Path, variables, [.. line, "--verbose"]);

        Assert.NotEqual(ExitCode.Ok, run.ExitCode);
        Assert.NotEmpty(run.Error);
        Assert.Empty(SecretForms.OfText(what, secret).SelectMany(form => form.FoundIn(Encoding.UTF8.GetBytes(run.Out + run.Error))));
    }

    private Dictionary<string, string> Variables()
    {
        var (keys, privacy) = (Path.Combine(_folder.Path, "storage.keys"), Path.Combine(_folder.Path, "privacy.key"));
        StorageKeyFile.Save(keys, new KeyRing(_formerKey, _storageKey), replaces: false);
        File.WriteAllBytes(privacy, _privacyKey);
        return new(azurite.Variables(_folder))
        {
            ["FEDREC__Storage__Encryption__KeyFile"] = keys,
            ["FEDREC__Privacy__KeyFile"] = privacy,
            ["FEDREC__Web__ApiKey"] = _apiKey,
            ["FEDREC__Silo__LogLevel"] = "Trace",
        };
    }

    // Every secret that the configuration, the operator, the federation and the party have.
    private async Task<List<SecretForms>> SecretsAsync(RealWeb web, WireParty party)
    {
        using var made = await web.SendAsync(HttpMethod.Post, "/api/v1/access/keys", """{"name":"shop","role":"app","days":1}""");
        Assert.Equal(HttpStatusCode.OK, made.StatusCode);
        var access = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString()!;
        var account = azurite.ConnectionString.Split(';').Single(part => part.StartsWith(AccountKey, StringComparison.Ordinal))[AccountKey.Length..];
        var users = await web.Grains.GetGrain<IUserRegistryGrain>(RealWeb.Federation).GetKeyAsync();
        return
        [
            .. SecretForms.OfText("the key of the account", account),
            .. SecretForms.OfText("the operator's key", _apiKey),
            .. SecretForms.OfText("the access key", access[(access.LastIndexOf('_') + 1)..]),
            .. SecretForms.OfText("the storage key", _storageKey.Reveal().Split(' ')[1]),
            .. SecretForms.OfText("the former storage key", _formerKey.Reveal().Split(' ')[1]),
            new("the key of private runs", _privacyKey),
            new("the key of the federation's users", users.ToArray()),
            new("the secret of the invitation", party.Code.Secret),
            new("the party's private key", party.Key.ExportParameters(includePrivateParameters: true).D!),
            new("a user of the party", Encoding.UTF8.GetBytes(WireParty.UserMark)),
        ];
    }

    // A run with the party, whose updates are secret, a private run, and a hosted user's history.
    private static async Task<List<SecretForms>> TrainAsync(RealWeb web, WireParty party)
    {
        var secrets = new List<SecretForms>();
        var receipt = await web.Grains.GetGrain<IFederationGrain>("wire").StartRunAsync(new RunRequest
        {
            Federation = "wire",
            Learner = "mf",
            LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("dims", "4"),
            Rounds = new RoundSettings { Count = 2 },
        });
        Assert.True(receipt.Outcome == RunOutcome.Started, receipt.Message);
        while (await web.Grains.GetGrain<IRunGrain>($"wire/{receipt.RunId}").GetStatusAsync() is { Phase: RunPhase.Pending or RunPhase.Running })
        {
            if (await party.Client.PollAsync(TimeSpan.FromSeconds(1), CancellationToken.None) is not { } order)
            {
                continue;
            }

            if (order.Evaluation is { } evaluation)
            {
                await party.Client.EvaluatedAsync(evaluation.Id, [], CancellationToken.None);
                continue;
            }

            var update = await party.TrainAsync(order);
            Assert.Equal(PartyOutcome.Counted, (await party.Client.SubmitAsync(order, update, CancellationToken.None)).Outcome);
            secrets.AddRange(Enumerable.Range(1, 4).Select(part => new SecretForms($"the update of round {order.Update.Round}", update[(part * update.Length / 6)..((part * update.Length / 6) + 24)])).Where(part => part.Bytes.Distinct().Count() > 12));
        }

        using (await web.SendAsync(HttpMethod.Put, "/api/v1/federations/discreet/simulation", RealWeb.SmallData))
        {
        }

        await web.TrainAsync("""{"federation":"discreet","learner":"mf","learnerOptions":{"dims":"4","objective":"bpr"},"rounds":{"count":3,"cohortSize":12,"clipNorm":0.5},"privacy":{"epsilon":6}}""");
        await web.Grains.GetGrain<IFederationGrain>("held").HostAsync(hasRatings: false);
        foreach (var item in new[] { "numbat-candle", "numbat-kettle" })
        {
            using var recorded = await web.SendAsync(HttpMethod.Post, "/api/v1/interactions", $$"""{"federation":"held","user":"{{Hosted}}","item":"{{item}}"}""");
            Assert.Equal(HttpStatusCode.NoContent, recorded.StatusCode);
        }

        secrets.AddRange([new("a hosted user", Encoding.UTF8.GetBytes(Hosted)), new("what a hosted user has met", "numbat-kettle"u8.ToArray())]);
        return secrets;
    }

    // What callers are told, of what is there and of what fails.
    private static async Task<string> AskAsync(RealWeb web, WireParty party)
    {
        var answers = new StringBuilder();
        foreach (var address in new[] { "access/keys", "access/log", "federations", "federations/wire", "federations/wire/parties", "runs?federation=wire", "runs/run-1?federation=wire", "models?federation=wire", "models/1?federation=wire", "privacy?federation=discreet", "runs/run-9?federation=wire", "models/x" })
        {
            using var answer = await web.SendAsync(HttpMethod.Get, $"/api/v1/{address}");
            answers.AppendLine(await answer.Content.ReadAsStringAsync());
        }

        var path = party.PathOf("poll");
        foreach (var token in new[] { $"{party.Code.Party}.x.y", await party.TokenAsync("POST", "/elsewhere") })
        {
            using var refused = await party.SendAsync(HttpMethod.Post, path, token);
            answers.AppendLine(await refused.Content.ReadAsStringAsync());
        }

        return answers.ToString();
    }

    // Files of the data folder; names, bytes and metadata of blobs; rows of tables.
    private IEnumerable<(string Name, byte[] Bytes)> Places(RealWeb web)
    {
        foreach (var file in Directory.EnumerateFiles(web.Folder, "*", SearchOption.AllDirectories))
        {
            yield return (file, File.ReadAllBytes(file));
        }

        var variables = azurite.Variables(_folder);
        foreach (var container in new[] { "Grain", "Model" }.Select(kind => azurite.Client().GetBlobContainerClient(variables[$"FEDREC__Storage__{kind}Container"])))
        {
            foreach (var blob in container.GetBlobs())
            {
                var stored = container.GetBlobClient(blob.Name).DownloadContent().Value;
                yield return ($"{container.Name}/{blob.Name}", stored.Content.ToArray());
                yield return ($"the name of {blob.Name}", Encoding.UTF8.GetBytes($"{blob.Name} {string.Join(' ', stored.Details.Metadata)}"));
            }
        }

        var tables = TableClients.Create(azurite.ConnectionString, options => options.Retry.NetworkTimeout = TimeSpan.FromMinutes(4)); // on a busy machine an emulator that all tests share takes its time
        foreach (var table in tables.Query())
        {
            yield return ($"table {table.Name}", Encoding.UTF8.GetBytes(string.Join('\n', tables.GetTableClient(table.Name).Query<Azure.Data.Tables.TableEntity>().Select(row => string.Join(' ', row)))));
        }
    }

    /// <summary>All activities of this process, with their tags.</summary>
    private sealed class Traces : IDisposable
    {
        private readonly StringBuilder _text = new();
        private readonly ActivityListener _listener;

        public Traces()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = _ => true,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = Note,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public override string ToString()
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }

        public void Dispose() => _listener.Dispose();

        private void Note(Activity activity)
        {
            lock (_text)
            {
                _text.AppendLine($"{activity.Source.Name} {activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Baggage)} {string.Join(' ', activity.Events.Select(one => $"{one.Name} {string.Join(' ', one.Tags)}"))}");
            }
        }
    }
}
