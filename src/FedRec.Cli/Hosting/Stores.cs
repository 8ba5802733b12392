using System.Security.Cryptography;
using System.Text;
using FedRec.Cli.Configuration;
using FedRec.Core.Snapshots;
using FedRec.Grains;
using FedRec.Storage;
using FedRec.Storage.GrainStates;
using FedRec.Storage.Models;

namespace FedRec.Cli.Hosting;

/// <summary>Where grains and models of a silo are kept.</summary>
/// <param name="Models">Content of the model versions.</param>
/// <param name="AddGrainStorage">Adds the storage provider of the grains to a silo.</param>
internal sealed record Stores(IModelStore Models, Action<ISiloBuilder> AddGrainStorage)
{
    /// <summary>Nothing outlives the process.</summary>
    public static Stores InMemory() => new(new MemoryModelStore(), silo => silo.AddMemoryGrainStorage(GrainsSetup.StorageName));

    /// <summary>Azure Blob storage or its emulator; checked to answer.</summary>
    /// <exception cref="CliException">It does not answer.</exception>
    public static async Task<Stores> InBlobsAsync(string connectionString, StorageOptions options, CancellationToken cancellationToken)
    {
        var client = BlobClients.Create(connectionString);
        try
        {
            await client.GetBlobContainerClient(options.ModelContainer).CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        }
        catch (Exception e) when (e is Azure.RequestFailedException or AggregateException)
        {
            throw new CliException(ExitCode.StoreUnreachable, $"The store at {client.Uri.GetLeftPart(UriPartial.Authority)} does not answer: {FirstLine(e)}",
                "Check the connection string and the network, or use --storage azurite or --storage memory.", e);
        }

        return new Stores(
            new BlobModelStore(client, new BlobModelStoreOptions { ContainerName = options.ModelContainer }),
            silo => silo.AddBlobGrainStorage(GrainsSetup.StorageName, (BlobGrainStorageOptions grains) =>
            {
                grains.ConnectionString = connectionString;
                grains.ContainerName = options.GrainContainer;
            }));
    }

    // Of several tries, the first says it all.
    private static string FirstLine(Exception e) => (e is AggregateException tries ? tries.InnerExceptions[0] : e).Message.Split('\n')[0].Trim();

    /// <summary>Names the store of a plan, so that two processes know whether they want the same one. Holds no secret.</summary>
    public static string NameOf(SessionPlan plan) => plan.Storage == "blob"
        ? "blob-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(plan.Settings.Storage.ConnectionString)))[..12]
        : plan.Storage;
}
