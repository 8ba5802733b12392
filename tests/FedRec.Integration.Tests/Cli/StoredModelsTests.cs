using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using FedRec.Cli;
using FedRec.Cli.Hosting;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>Verbs that only look at models read a store that nobody has open without starting a silo, and see what a silo would show.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class StoredModelsTests(AzuriteFixture azurite) : IDisposable
{
    private static readonly string[][] s_looks = [["model", "list"], ["model", "show"], ["model", "show", "2"], ["model", "list", "--federation", "other"]];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Look_AtAStoreThatNobodyHasOpen_ShowsWhatASiloShows()
    {
        await TrainAsync("shop", seeds: 3);
        await TrainAsync("other", seeds: 2);
        await RunAsync("model", "promote", "2", "--federation", "other");
        await RunAsync("model", "pin", "1", "--federation", "other");

        await AssertSameAsSiloAsync();
    }

    [Fact]
    public async Task Look_WhereThePointerIsBehindTheManifests_ShowsTheVersionThatIsStored()
    {
        await TrainAsync("other", seeds: 1);
        await TrainAsync("shop", seeds: 1);
        var container = azurite.Client().GetBlobContainerClient(azurite.Variables(_folder)["FEDREC__Storage__GrainContainer"]);
        var pointer = container.GetBlobClient("model-model/shop.json");
        var (older, stamp) = ((await pointer.DownloadContentAsync()).Value.Content, (await pointer.GetPropertiesAsync()).Value.Metadata);
        await TrainAsync("shop", seeds: 2, seed: 2);
        await pointer.UploadAsync(older, new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = stamp });

        var list = (await RunAsync("model", "list", "--format", "json")).Json;

        var ask = await RunAsync("recommend", "u1"); // by a silo
        Assert.Equal((ExitCode.Ok, ""), (ask.ExitCode, ask.Error)); // nothing is lost, and nobody is troubled
        Assert.Equal([1, 2, 3], list.GetProperty("versions").EnumerateArray().Select(version => version.GetProperty("version").GetInt64()));
        await AssertSameAsSiloAsync();
    }

    [Fact]
    public async Task Look_AtAStoreThatNobodyHasOpen_StartsNoSilo()
    {
        await TrainAsync("shop", seeds: 2);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var noSilo = $"Silo.SiloPort={((IPEndPoint)taken.LocalEndpoint).Port}";

        var list = await RunAsync("model", "list", "--set", noSilo);
        var show = await RunAsync("model", "show", "--set", noSilo);
        var ask = await RunAsync("recommend", "u1", "--set", noSilo);

        Assert.Equal((ExitCode.Ok, ExitCode.Ok), (list.ExitCode, show.ExitCode));
        Assert.NotEqual(ExitCode.Ok, ask.ExitCode); // for which a silo starts
    }

    [Fact]
    public async Task Look_AtAnEmptyStore_SaysThatNothingHasBeenTrained()
    {
        var run = await RunAsync("model", "list");

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("Nothing has been trained in this store yet", run.Error, StringComparison.Ordinal);
    }

    private async Task AssertSameAsSiloAsync()
    {
        var read = new List<CommandRun>();
        foreach (var look in s_looks)
        {
            read.Add(await RunAsync([.. look, "--format", "json"]));
        }

        var context = new CommandContext(CommandRun.Terminal(_folder.Path, variables: azurite.Variables(_folder)), new RootCommand().Parse(""));
        await using var silo = await FedRecSession.OpenAsync(context, new SessionPlan("demo", context.Settings, "blob"), CancellationToken.None);
        for (var i = 0; i < read.Count; i++)
        {
            Assert.Equal(await RunAsync([.. s_looks[i], "--format", "json"]), read[i]);
        }
    }

    private async Task TrainAsync(string federation, int seeds, int seed = 1)
    {
        var run = await RunAsync(
            "simulate", "--clients", "40", "--items", "30", "--rounds", "1", "--seeds", $"{seeds}", "--seed", $"{seed}", "--dims", "4", "--federation", federation, "--recs", "0", "--baselines", "none");
        Assert.True(run.ExitCode == ExitCode.Ok, run.Error);
    }

    private Task<CommandRun> RunAsync(params string[] line) => CommandRun.OfAsync(_folder.Path, azurite.Variables(_folder), line);
}
