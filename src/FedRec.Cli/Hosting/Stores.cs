using System.Security.Cryptography;
using System.Text;
using Azure.Data.Tables;
using FedRec.Cli.Configuration;
using FedRec.Core.Snapshots;
using FedRec.Grains;
using FedRec.Storage;
using FedRec.Storage.GrainStates;
using FedRec.Storage.Models;

namespace FedRec.Cli.Hosting;

/// <summary>Where grains, models, the members of the cluster and the reminders of a silo are kept.</summary>
/// <param name="Models">Content of the model versions.</param>
/// <param name="Checkpoints">Checkpoints of runs.</param>
/// <param name="AddGrainStorage">Adds the storage provider of the grains to a silo.</param>
/// <param name="Tables">Members and reminders; null keeps them in memory.</param>
/// <param name="Service">Address of the blob service; null without one.</param>
internal sealed record Stores(
    IModelStore Models, ICheckpointStore Checkpoints, Action<ISiloBuilder> AddGrainStorage, TableServiceClient? Tables, Uri? Service)
{
    /// <summary>Nothing outlives the process.</summary>
    public static Stores InMemory() =>
        new(new MemoryModelStore(), new MemoryCheckpointStore(), silo => silo.AddMemoryGrainStorage(GrainsSetup.StorageName), null, null);

    /// <summary>Azure storage or its emulator; checked to answer.</summary>
    /// <param name="connectionString">Of both services.</param>
    /// <param name="options">Names of the containers.</param>
    /// <param name="withTables">Whether members and reminders are kept too. A silo that only answers a question is alone while it has the store, and has no
    /// reminders to hear, which would go on with a run that nobody asked for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CliException">It does not answer.</exception>
    public static async Task<Stores> OpenAsync(string connectionString, StorageOptions options, bool withTables, CancellationToken cancellationToken)
    {
        var blobs = BlobClients.Create(connectionString);
        await ReachAsync(blobs.Uri, () => blobs.GetBlobContainerClient(options.ModelContainer).CreateIfNotExistsAsync(cancellationToken: cancellationToken));
        var models = new BlobModelStoreOptions { ContainerName = options.ModelContainer };
        return new Stores(
            new BlobModelStore(blobs, models),
            new BlobCheckpointStore(blobs, models),
            silo => silo.AddGrainStates(GrainsSetup.StorageName, BlobClients.Create(connectionString, GrainStateStorage.AttemptTimeout), options.GrainContainer),
            withTables ? TableClients.Create(connectionString) : null,
            blobs.Uri);
    }

    /// <summary>Makes the first request to a service.</summary>
    /// <exception cref="CliException">It does not answer.</exception>
    public static async Task ReachAsync(Uri service, Func<Task> request)
    {
        try
        {
            await request();
        }
        catch (Exception e) when (e is Azure.RequestFailedException or AggregateException)
        {
            throw new CliException(ExitCode.StoreUnreachable, $"The store at {service.GetLeftPart(UriPartial.Authority)} does not answer: {FirstLine(e)}",
                "Check the connection string and the network, or use --storage azurite or --storage memory.", e);
        }
    }

    // Of several tries, the first says it all.
    private static string FirstLine(Exception e) => (e is AggregateException tries ? tries.InnerExceptions[0] : e).Message.Split('\n')[0].Trim();

    /// <summary>Names the store of a plan, so that two processes know whether they want the same one. Holds no secret.</summary>
    public static string NameOf(SessionPlan plan) => plan.Storage == "blob"
        ? "blob-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(plan.Settings.Storage.ConnectionString)))[..12]
        : plan.Storage;
}
