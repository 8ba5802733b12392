using Azure.Storage.Blobs;
using Orleans.Storage;

namespace FedRec.Integration.Tests.Storage;

/// <summary>Storage with a container of its own, and a grain whose notes it keeps.</summary>
internal sealed class NoteStore : IDisposable
{
    public const string StateName = "state";
    private readonly GrainStorageHarness _harness;

    public NoteStore(AzuriteFixture azurite)
    {
        Container = azurite.Client().GetBlobContainerClient($"grains-{Guid.NewGuid():N}");
        _harness = new GrainStorageHarness(azurite.Client(), Container.Name);
    }

    public GrainId Grain { get; } = GrainId.Create("note", Guid.NewGuid().ToString("N"));

    public IGrainStorage Storage => _harness.Storage;

    public BlobContainerClient Container { get; }

    public BlobClient Blob => Container.GetBlobClient($"{StateName}-{Grain}.json");

    /// <summary>Writes a new state.</summary>
    public async Task<NoteRecord> WriteAsync(string text)
    {
        var state = new NoteRecord(new Note { Text = text });
        await WriteAsync(state);
        return state;
    }

    public Task WriteAsync(NoteRecord state) => Storage.WriteStateAsync(StateName, Grain, state);

    public Task ClearAsync(NoteRecord state) => Storage.ClearStateAsync(StateName, Grain, state);

    /// <summary>Reads the state of the grain, or of another one.</summary>
    public async Task<NoteRecord> ReadAsync(GrainId? grain = null)
    {
        var state = new NoteRecord(new Note());
        await Storage.ReadStateAsync(StateName, grain ?? Grain, state);
        return state;
    }

    public void Dispose() => _harness.Dispose();
}
