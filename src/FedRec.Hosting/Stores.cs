using System.Security.Cryptography;
using System.Text;
using Azure.Data.Tables;
using FedRec.Core.Snapshots;
using FedRec.Grains;
using FedRec.Hosting.Configuration;
using FedRec.Storage;
using FedRec.Storage.Clusters;
using FedRec.Storage.Encryption;
using FedRec.Storage.GrainStates;
using FedRec.Storage.Models;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Hosting;

/// <summary>Where grains, models, the members of the cluster and the reminders of a silo are kept: in memory, or in Azure storage or its emulator.</summary>
/// <remarks>A silo is put together with its stores before they are connected: that takes as long as the start of an emulator, and goes on meanwhile.</remarks>
internal sealed class Stores
{
    private readonly StorageOptions? _options; // null: nothing outlives the process
    private readonly Lazy<BlobCipher> _cipher; // its keys are not read before they are needed
    private string? _connectionString;

    /// <param name="options">Where they are.</param>
    /// <param name="kind"><c>azurite</c>, <c>blob</c> or <c>memory</c>.</param>
    /// <param name="hasTables">See <see cref="HasTables"/>.</param>
    public Stores(FedRecOptions options, string kind, bool hasTables)
    {
        (_options, HasTables) = kind == "memory" ? (null, false) : (options.Storage, hasTables);
        (Kind, Name) = (kind, NameOf(options.Storage, kind));
        _cipher = new Lazy<BlobCipher>(() => StorageKeys.CipherOf(options, what => Say(what)));
    }

    /// <summary>Told what is not as it should be, in whole sentences.</summary>
    public Action<string> Say { get; set; } = _ => { };

    /// <summary>Whether the keys are those of the store is checked when it is connected. Default: true.</summary>
    public bool ChecksKeys { get; set; } = true;

    /// <summary>Encrypts what is kept.</summary>
    /// <exception cref="SettingException">The keys cannot be read.</exception>
    public BlobCipher Cipher => _cipher.Value;

    /// <summary><c>azurite</c>, <c>blob</c> or <c>memory</c>.</summary>
    public string Kind { get; }

    /// <summary>Whether what is kept outlives the process.</summary>
    public bool IsDurable => _options is not null;

    /// <summary>Names the store, so that two processes know whether they want the same one. Holds no secret.</summary>
    public string Name { get; }

    /// <summary>Whether members and reminders are kept too. A silo that only answers a question is alone while it has the store, and has no
    /// reminders to hear, which would go on with a run that nobody asked for.</summary>
    public bool HasTables { get; }

    private BlobModelStoreOptions ModelOptions => new() { ContainerName = _options!.ModelContainer, Cipher = Cipher };

    private string ConnectionString => _connectionString ?? throw new InvalidOperationException("The store is asked before it is connected.");

    /// <summary>A client of the tables, once the stores are connected.</summary>
    public TableServiceClient Tables => TableClients.Create(ConnectionString);

    /// <summary>Gives the stores to a silo, after its own clustering, whose table this replaces.</summary>
    public void AddTo(ISiloBuilder silo)
    {
        silo.Services.AddSingleton(_ => CreateModels());
        if (_options is null)
        {
            silo.Services.AddSingleton<ICatalogueStore>(new MemoryCatalogueStore());
            silo.Services.AddSingleton<ICheckpointStore>(new MemoryCheckpointStore());
            silo.AddMemoryGrainStorage(GrainsSetup.StorageName);
        }
        else
        {
            silo.Services.AddSingleton<ICatalogueStore>(_ => new BlobCatalogueStore(BlobClients.Create(ConnectionString), ModelOptions));
            silo.Services.AddSingleton<ICheckpointStore>(_ => new BlobCheckpointStore(BlobClients.Create(ConnectionString), ModelOptions));
            silo.AddGrainStates(GrainsSetup.StorageName, () => BlobClients.Create(ConnectionString, GrainStateStorage.AttemptTimeout), _options.GrainContainer, RuleOf, cipher: Cipher);
        }

        if (HasTables)
        {
            silo.UseMemberTable(() => Tables);
            silo.UseReminderTable(() => Tables);
        }
        else
        {
            silo.UseInMemoryReminderService();
        }
    }

    /// <summary>What keeps the content of model versions, once the stores are connected.</summary>
    public IModelStore CreateModels() => _options is null ? new MemoryModelStore() : new BlobModelStore(BlobClients.Create(ConnectionString), ModelOptions);

    /// <summary>Connects durable stores, and checks that they answer, and that the keys are theirs.</summary>
    /// <param name="connectionString">Of both services.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Address of the blob service.</returns>
    /// <exception cref="StorageSetupException">It does not answer, or needs other keys.</exception>
    /// <exception cref="SettingException">The keys cannot be read.</exception>
    public async Task<Uri> ConnectAsync(string connectionString, CancellationToken cancellationToken)
    {
        var blobs = BlobClients.Create(connectionString);
        await ReachAsync(blobs.Uri, () => blobs.GetBlobContainerClient(_options!.ModelContainer).CreateIfNotExistsAsync(cancellationToken: cancellationToken));
        _connectionString = connectionString;
        if (ChecksKeys)
        {
            await CheckKeysAsync(cancellationToken);
        }

        return blobs.Uri;
    }

    /// <summary>Checks that the keys are those of the connected store, and marks one that is encrypted from now on.</summary>
    /// <inheritdoc cref="ConnectAsync"/>
    public Task CheckKeysAsync(CancellationToken cancellationToken)
    {
        var blobs = BlobClients.Create(ConnectionString);
        return ReachAsync(blobs.Uri, () => EncryptionMark.CheckAsync(blobs.GetBlobContainerClient(_options!.ModelContainer), [blobs.GetBlobContainerClient(_options.GrainContainer)], Cipher, cancellationToken));
    }

    /// <summary>All that is encrypted, once the stores are connected.</summary>
    public StoreRewrite CreateRewrite()
    {
        var blobs = BlobClients.Create(ConnectionString);
        return new StoreRewrite([.. new[] { _options!.ModelContainer, _options.GrainContainer }.Distinct().Select(blobs.GetBlobContainerClient)], Cipher);
    }

    /// <summary>Removes the members that an earlier process left behind in the tables, which are reached for the first time.</summary>
    /// <exception cref="StorageSetupException">They do not answer.</exception>
    public Task RemoveFormerMembersAsync(IServiceProvider services, CancellationToken cancellationToken) => HasTables
        ? ReachAsync(Tables.Uri, () => ClusterTables.RemoveFormerMembersAsync(services, cancellationToken))
        : Task.CompletedTask;

    /// <inheritdoc cref="Name"/>
    public static string NameOf(StorageOptions options, string kind) => kind == "blob"
        ? "blob-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(options.ConnectionString)))[..12]
        : kind;

    /// <summary>What is read of a grain's state that is damaged.</summary>
    internal static DamagedState RuleOf(string state) =>
        GrainStates.IsKeptTwice(state) ? DamagedState.KeptTwice : GrainStates.IsMadeAgain(state) ? DamagedState.MadeAgain : DamagedState.Refused;

    // Makes the first request to a service.
    private static async Task ReachAsync(Uri service, Func<Task> request)
    {
        try
        {
            await request();
        }
        catch (StorageKeyException e)
        {
            throw new StorageSetupException(e.What, e.Next, e);
        }
        catch (Exception e) when (e is Azure.RequestFailedException or AggregateException)
        {
            throw new StorageSetupException($"The store at {service.GetLeftPart(UriPartial.Authority)} does not answer: {FirstLine(e)}",
                "Check the connection string and the network, or use another kind of store (--storage azurite, --storage memory, or FedRec:Storage:Kind).", e);
        }
    }

    // Of several tries, the first says it all.
    private static string FirstLine(Exception e) => (e is AggregateException tries ? tries.InnerExceptions[0] : e).Message.Split('\n')[0].Trim();
}
