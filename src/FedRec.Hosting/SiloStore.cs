using System.Collections.Immutable;
using FedRec.Contracts;
using FedRec.Hosting.Azurite;

namespace FedRec.Hosting;

/// <summary>The store of this process's silo, for its lifetime: opened before the silo starts, watched while it runs, closed after it.</summary>
/// <param name="options">Where the store is.</param>
/// <param name="program">What this process is called by others that want the store.</param>
/// <param name="stores">What the silo is given.</param>
internal sealed class SiloStore(FedRecOptions options, string program, Stores stores) : IStoreStatus, IAsyncDisposable
{
    private readonly CancellationTokenSource _giveUp = new();
    private Task<StoreWatch?>? _opening;
    private InstanceLease? _lease;

    /// <summary>What the silo is given.</summary>
    public Stores Stores => stores;

    /// <summary>Told what takes time before the store is there.</summary>
    public IProgress<SetupStep>? Progress { get; init; }

    /// <summary>Told what happens to the store, in whole sentences.</summary>
    public Action<string> Say { get; init; } = _ => { };

    /// <summary>Where Node.js is looked for. Default: PATH.</summary>
    public string SearchPath { get; init; } = Environment.GetEnvironmentVariable("PATH") ?? "";

    /// <summary>Whether this process stays up until somebody ends it, so that others join it instead of waiting for its end.</summary>
    public bool Stays { get; init; } = true;

    /// <summary>Whether this silo joins others that have the store: it takes no right to it, starts no emulator, and leaves the members as they are.</summary>
    public bool Joins { get; init; }

    /// <summary>Whether this is the first silo of its cluster, so that whoever is among the members is left of earlier processes. Default: where it does not join.</summary>
    public bool IsFirst { get => field || !Joins; init; }

    /// <summary>The web front end of this process, once the host has started; null when it has none.</summary>
    public Func<Uri?> Web { get; set; } = () => null;

    /// <summary>Where parties come in to this process; null when it has no way in for other machines.</summary>
    public PartyAddress? Parties { get; set; }

    /// <inheritdoc/>
    public string? Problem => _opening is { IsCompletedSuccessfully: true } opening ? opening.Result?.Problem : null;

    /// <summary>Takes the right to the store, which the caller has got already.</summary>
    public SiloStore Holding(InstanceLease? lease)
    {
        _lease = lease;
        return this;
    }

    /// <summary>Takes the right to the store, where it is durable.</summary>
    /// <exception cref="StorageSetupException">Another process has it.</exception>
    public void Acquire()
    {
        if (_lease is null && !Joins && stores.IsDurable && (_lease = InstanceLease.TryAcquire(options.Data, stores.Name)) is null)
        {
            var owner = InstanceLease.Read(options.Data, stores.Name);
            throw new StorageSetupException(
                $"The store in {options.Data} is in use by {(owner is null ? "another FedRec process" : $"'{owner.Program}' (process {owner.ProcessId})")}.",
                "Stop that process, or give this one a folder of its own (FedRec:Storage:Folder) or another store.");
        }
    }

    /// <summary>Starts the emulator where it is wanted, and checks that the store answers; a second call waits for the first.</summary>
    /// <exception cref="StorageSetupException">It does not.</exception>
    public Task OpenAsync(CancellationToken cancellationToken = default) => (_opening ??= OpenOnceAsync(_giveUp.Token)).WaitAsync(cancellationToken);

    /// <summary>Waits for a store that somebody else opens.</summary>
    internal void Opening(Task<StoreWatch?> opening) => _opening = opening;

    /// <summary>Tells other processes how to reach the silo.</summary>
    public void Publish(ImmutableArray<int> gatewayPorts) =>
        _lease?.Publish(new Instance(Environment.ProcessId, program, Stays, gatewayPorts, Web()?.ToString(), DateTimeOffset.UtcNow, Parties));

    /// <summary>Whether this process has been asked to end by another one.</summary>
    public bool IsStopRequested => _lease?.IsStopRequested ?? false;

    /// <summary>Whether the process whose store this silo has joined is gone.</summary>
    public bool IsOwnerGone => Joins && options.Silo.Cluster.Length == 0 && !InstanceLease.IsTaken(options.Data, stores.Name);

    /// <summary>Done when the process whose store this silo has joined is gone; never in a named cluster, and never where this process has the store.</summary>
    public async Task OwnerGoneAsync(CancellationToken cancellationToken)
    {
        using var look = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!IsOwnerGone)
        {
            await look.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Stops what was opened, also what is still opening, and gives the right back.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_opening is { } opening)
        {
            await _giveUp.CancelAsync();
            await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // one that did not open has told why
            if (opening.IsCompletedSuccessfully && await opening is { } running)
            {
                await running.DisposeAsync();
            }
        }

        _lease?.Dispose();
        _lease = null;
        _opening = null;
    }

    private StorageSetupException NobodyToJoin() => new(
        $"No FedRec process of this machine has the store in {options.Data}, so there is no cluster to join.",
        "Start 'fedrec up' or 'fedrec serve' first, or name a cluster that shares Azure storage (FedRec:Silo:Cluster, FedRec:Storage:ConnectionString).");

    private string BlobFolder => Path.Combine(options.Data, "blobs");

    private async Task<StoreWatch?> OpenOnceAsync(CancellationToken cancellationToken)
    {
        if (!stores.IsDurable)
        {
            return null;
        }

        stores.Say = Say;
        _ = stores.Cipher; // keys that cannot be read are told before an emulator is started
        if (Joins && options.Silo.Cluster.Length == 0 && !InstanceLease.IsTaken(options.Data, stores.Name))
        {
            throw NobodyToJoin();
        }

        if (stores.Kind == "blob")
        {
            return new StoreWatch(await stores.ConnectAsync(options.Storage.ConnectionString, cancellationToken), null, Say);
        }

        if (Joins)
        {
            var owner = AzuriteProcess.FindOwner(BlobFolder) ?? throw NobodyToJoin();
            return new StoreWatch(await stores.ConnectAsync(owner.ConnectionString, cancellationToken), null, Say);
        }

        var emulator = await AzuriteProcess.StartAsync(
            new AzuriteOptions
            {
                DataFolder = BlobFolder,
                InstallFolder = Path.Combine(options.Home, "tools"),
                SearchPath = SearchPath,
            },
            Progress, cancellationToken);
        try
        {
            return new StoreWatch(await stores.ConnectAsync(emulator.ConnectionString, cancellationToken), emulator, Say);
        }
        catch
        {
            await emulator.DisposeAsync();
            throw;
        }
    }
}
