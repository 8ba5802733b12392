using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using FedRec.Cli;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.Models;
using FedRec.Contracts.Runs;
using FedRec.Hosting;
using FedRec.Integration.Tests.Cli;
using FedRec.Integration.Tests.Storage;
using FedRec.Integration.Tests.Storage.Encryption;
using FedRec.Storage.Encryption;
using FedRec.Storage.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FedRec.Integration.Tests.Hosting;

/// <summary>A whole store that is encrypted: nothing in it is readable, it serves with its keys and with no others, and gets new ones while it is used.</summary>
[Collection(AzuriteCollection.Name)]
public sealed partial class EncryptedStoreTests(AzuriteFixture azurite) : IDisposable
{
    // What whoever reads the store must not find: a user, an organisation's user, items that they have met.
    private static readonly string[] s_private = ["quokka-ann", "quokka-bob", "numbat-book", "numbat-lamp"];
    private static readonly StorageKey s_first = StorageKey.Create("k1");
    private static readonly StorageKey s_second = StorageKey.Create("k2");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Dictionary<string, string> Variables => azurite.Variables(_folder);

    private string KeyFile => Path.Combine(_folder.Path, "storage.keys");

    private BlobContainerClient[] Containers => [.. new[] { "Model", "Grain" }.Select(kind => azurite.Client().GetBlobContainerClient(Variables[$"FEDREC__Storage__{kind}Container"]))];

    [Fact]
    public async Task Store_Encrypted_HasNothingReadable_AndServesWithItsKeyOnly()
    {
        StorageKeyFile.Save(KeyFile, new KeyRing(s_first), replaces: false);
        var (user, answer) = ("", "");
        await RunAsync(async grains =>
        {
            await FillAsync(grains);
            (user, _) = await new HostedShop(grains).SomebodyAsync();
            answer = await new HostedShop(grains).AskAsync(user);
        });

        var blobs = Blobs();
        Assert.All(blobs, blob => Assert.Equal("k1", Envelope.KeyIdOf(blob.Value)));
        Assert.Empty(await FoundAsync(blobs));
        await RunAsync(async grains => Assert.Equal(answer, await new HostedShop(grains).AskAsync(user)));

        var before = Tags();
        StorageKeyFile.Save(KeyFile, new KeyRing(s_second), replaces: true);
        Assert.Contains("'k1', which is not among the keys", (await RefusedAsync()).What, StringComparison.Ordinal);
        StorageKeyFile.Save(KeyFile, new KeyRing(StorageKey.Create("k1")), replaces: true);
        Assert.Contains("'k1' is not the one", (await RefusedAsync()).What, StringComparison.Ordinal);
        File.Delete(KeyFile);
        var error = await RefusedAsync();
        Assert.Contains("'k1', and no key is configured", error.What, StringComparison.Ordinal);
        Assert.Contains("FedRec:Storage:Encryption:KeyFile", error.Next, StringComparison.Ordinal);
        Assert.Equal(before, Tags());
    }

    [Fact]
    public async Task Keys_ChangedWhileASiloRuns_AndBetweenRuns_ServeOn_UntilTheOldOneIsGone()
    {
        StorageKeyFile.Save(KeyFile, new KeyRing(s_first), replaces: false);
        var (user, answer) = ("", "");
        await RunAsync(async grains =>
        {
            await new HostedShop(grains).TrainAsync();
            StorageKeyFile.Save(KeyFile, new KeyRing(s_first, s_second), replaces: true);
            await new HostedShop(grains).TrainAsync();
            (user, _) = await new HostedShop(grains).SomebodyAsync();
            answer = await new HostedShop(grains).AskAsync(user);
        });
        Assert.Equal(["k1", "k2"], Blobs().Values.Select(blob => Envelope.KeyIdOf(blob)).Distinct().Order());
        await RunAsync(async grains => Assert.Equal(answer, await new HostedShop(grains).AskAsync(user)));

        var status = await CliAsync(ExitCode.Ok, "store", "status", "--format", "json");
        Assert.Equal(("k2", 0), (status.Json.GetProperty("writingKey").GetString(), status.Json.GetProperty("plain").GetInt32()));
        var written = await CliAsync(ExitCode.Ok, "store", "rewrite", "--format", "json");
        Assert.True(written.Json.GetProperty("rewritten").GetInt32() > 0);
        Assert.Equal(["k2"], Blobs().Values.Select(blob => Envelope.KeyIdOf(blob)).Distinct());
        StorageKeyFile.Save(KeyFile, new KeyRing(s_second), replaces: true);

        await RunAsync(async grains => Assert.Equal(answer, await new HostedShop(grains).AskAsync(user)));
    }

    [Fact]
    public async Task Store_OfATimeBeforeKeys_IsRefusedUntouched_AndEncryptedByRewrite()
    {
        var (user, answer) = ("", "");
        await RunAsync(async grains =>
        {
            await FillAsync(grains);
            (user, _) = await new HostedShop(grains).SomebodyAsync();
            answer = await new HostedShop(grains).AskAsync(user);
        });
        Assert.Contains("parameters", await FoundAsync(Blobs())); // so the search does find what is there
        Assert.Contains("numbat-book", await FoundAsync(Blobs()));

        StorageKeyFile.Save(KeyFile, new KeyRing(s_first), replaces: false);
        var before = Tags();
        Assert.Contains("fedrec store rewrite", (await RefusedAsync()).Next, StringComparison.Ordinal);
        Assert.Equal(before, Tags());
        await RunAsync(async grains => Assert.Equal(answer, await new HostedShop(grains).AskAsync(user)), allowPlain: true);
        Assert.Equal(ExitCode.Ok, (await CliAsync(ExitCode.Ok, "store", "rewrite")).ExitCode);

        Assert.Empty(await FoundAsync(Blobs()));
        await RunAsync(async grains => Assert.Equal(answer, await new HostedShop(grains).AskAsync(user)));
    }

    [Fact]
    public async Task Commands_OfTheKeyFile_MakeAddAndChoose_AndShowNoKey()
    {
        var made = await CliAsync(ExitCode.Ok, "store", "key", "create", "storage.keys", "--id", "a");
        var added = await CliAsync(ExitCode.Ok, "store", "key", "add", "storage.keys", "--id", "b");
        var standby = await CliAsync(ExitCode.Ok, "store", "key", "add", "storage.keys", "--standby");
        Assert.Equal("b", StorageKeyFile.Load(KeyFile).Writing.Id);
        Assert.Matches("^k[0-9]{8}$", StorageKeyFile.Load(KeyFile).Keys[0].Id);
        var used = await CliAsync(ExitCode.Ok, "store", "key", "use", "a", "storage.keys");
        var secrets = StorageKeyFile.Load(KeyFile).Keys.Select(key => key.Reveal().Split(' ')[1]).ToList();
        CommandRun[] refused =
        [
            await CliAsync(ExitCode.Failed, "store", "key", "create", "storage.keys"),
            await CliAsync(ExitCode.Failed, "store", "key", "add", "storage.keys", "--id", "b"),
            await CliAsync(ExitCode.Failed, "store", "key", "use", secrets[0], "storage.keys"),
            await CliAsync(ExitCode.Failed, "store", "key", "create", "nowhere/storage.keys"),
            await CliAsync(ExitCode.Usage, "store", "key", "create", "other.keys", "--id", "a/b"),
            await CliAsync(ExitCode.BadConfiguration, "store", "key", "list", "no.keys"),
        ];

        Assert.Equal("a", StorageKeyFile.Load(KeyFile).Writing.Id);
        Assert.Equal(3, secrets.Distinct().Count());
        Assert.All(refused, run => Assert.Contains("next: ", run.Error, StringComparison.Ordinal));
        Assert.All((CommandRun[])[made, added, standby, used, .. refused], run => Assert.All(secrets, secret => Assert.DoesNotContain(secret, run.Out + run.Error, StringComparison.Ordinal)));
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path), file => file != KeyFile);
    }

    [Fact]
    public async Task Doctor_SaysWhetherWhatIsKeptIsEncrypted_AndStatusWhichKeysAreMissing()
    {
        Assert.Contains("off", Check(await CliAsync(ExitCode.Ok, "doctor", "--format", "json")), StringComparison.Ordinal);
        await CliAsync(ExitCode.BadConfiguration, "store", "rewrite");
        StorageKeyFile.Save(KeyFile, new KeyRing(s_first), replaces: false);

        Assert.Contains("on, key k1 writes", Check(await CliAsync(ExitCode.Ok, "doctor", "--format", "json")), StringComparison.Ordinal);
        File.Delete(KeyFile);
        var status = await CliAsync(ExitCode.Failed, "store", "status");

        Assert.Contains("k1", status.Out, StringComparison.Ordinal);
        Assert.Contains("not among the configured keys", status.Out, StringComparison.Ordinal);

        static string Check(CommandRun run) => run.Json.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() == "encryption at rest").GetProperty("found").GetString()!;
    }

    // A model, a run that keeps something of its clients and left checkpoints, hosted users and an organisation.
    private static async Task FillAsync(IGrainFactory grains)
    {
        await new HostedShop(grains).TrainAsync();
        var receipt = await grains.GetGrain<IFederationGrain>(HostedShop.Name).StartRunAsync(new RunRequest
        {
            Federation = HostedShop.Name,
            Learner = "mf",
            LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("dims", "4").Add("objective", "logistic").Add("scaffold", "on"),
            Rounds = new RoundSettings { Count = 400, PublishEvery = 100 },
            Promote = PromotionPolicy.Never,
        });
        Assert.Equal(RunOutcome.Started, receipt.Outcome);
        var run = grains.GetGrain<IRunGrain>($"{HostedShop.Name}/{receipt.RunId}");
        for (long seen = 0; await run.GetStatusAsync() is { CheckpointRound: 0, EndedAt: null };)
        {
            seen = (await run.ReadEventsAsync(seen, TimeSpan.FromSeconds(1))).Events is [.., var last] ? last.Id : seen;
        }

        await grains.GetGrain<IFederationGrain>("held").HostAsync(hasRatings: false);
        foreach (var (user, item) in new[] { ("quokka-ann", "numbat-book"), ("quokka-ann", "numbat-lamp"), ("north/quokka-bob", "numbat-book") })
        {
            Assert.Equal(HistoryOutcome.Recorded, (await grains.GetGrain<IHistoryGrain>("held").RecordAsync(new HistoryChange(user, HistoryChangeKind.Added, item))).Outcome);
        }
    }

    private async Task RunAsync(Func<IGrainFactory, Task> work, bool allowPlain = false)
    {
        using var host = Build(allowPlain);
        await host.StartAsync();
        await work(host.Services.GetRequiredService<IGrainFactory>()).WaitAsync(TimeSpan.FromMinutes(2));
        await host.StopAsync();
    }

    private async Task<StorageSetupException> RefusedAsync()
    {
        using var host = Build(allowPlain: false);
        return await Assert.ThrowsAsync<StorageSetupException>(() => host.StartAsync());
    }

    private IHost Build(bool allowPlain)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddFedRec(fedrec =>
        {
            fedrec.Storage.Folder = _folder.Path;
            (fedrec.Storage.ConnectionString, fedrec.Storage.GrainContainer, fedrec.Storage.ModelContainer) = (azurite.ConnectionString, Containers[1].Name, Containers[0].Name);
            (fedrec.Encryption.KeyFile, fedrec.Encryption.AllowPlain) = (File.Exists(KeyFile) ? KeyFile : "", allowPlain);
        });
        return builder.Build();
    }

    private async Task<CommandRun> CliAsync(int exitCode, params string[] line)
    {
        var variables = Variables;
        if (File.Exists(KeyFile))
        {
            variables["FEDREC__Storage__Encryption__KeyFile"] = KeyFile;
        }

        var run = await CommandRun.OfAsync(_folder.Path, variables, line);
        Assert.True(run.ExitCode == exitCode, $"{run.ExitCode}: {run.Error}");
        return run;
    }

    private Dictionary<string, byte[]> Blobs() =>
        Containers.SelectMany(container => container.GetBlobs().Select(blob => (Name: $"{container.Name}/{blob.Name}", Content: container.GetBlobClient(blob.Name).DownloadContent().Value.Content.ToArray())))
            .ToDictionary(blob => blob.Name, blob => blob.Content);

    private string Tags() => string.Join(' ', Containers.SelectMany(container => container.GetBlobs().Select(blob => blob.Properties.ETag)));

    // Which of what is private stands in the names or the bytes of the blobs: text in either encoding, and any 64 bytes of a model's parameters.
    private async Task<List<string>> FoundAsync(Dictionary<string, byte[]> blobs)
    {
        var found = new List<string>();
        foreach (var (name, content) in blobs)
        {
            found.AddRange(s_private.Where(text => name.Contains(text, StringComparison.Ordinal) || new[] { Encoding.UTF8, Encoding.Unicode }.Any(encoding => content.AsSpan().IndexOf(encoding.GetBytes(text)) >= 0)));
        }

        var cipher = File.Exists(KeyFile) ? Keys.CipherOf([.. StorageKeyFile.Load(KeyFile).Keys]) : BlobCipher.None;
        var store = new BlobModelStore(azurite.Client(), new BlobModelStoreOptions { ContainerName = Containers[0].Name, Cipher = cipher });
        var tensors = Tensors().Match(string.Join('\n', blobs.Keys));
        var parameters = await store.LoadContentAsync(HostedShop.Name, "tensors.safetensors", 1, tensors.Groups[1].Value);
        for (var at = 0; at + 64 <= parameters.Length; at += 64)
        {
            if (blobs.Values.Any(content => content.AsSpan().IndexOf(parameters.Span.Slice(at, 64)) >= 0))
            {
                found.Add("parameters");
                break;
            }
        }

        return found;
    }

    [GeneratedRegex("/v00000001/tensors.safetensors.([0-9a-f]{64})")]
    private static partial Regex Tensors();
}
