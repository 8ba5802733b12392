using Azure.Storage.Blobs;
using FedRec.Hosting.Azurite;
using FedRec.Storage;

namespace FedRec.Integration.Tests.Storage;

/// <summary>One emulator in memory for all tests that need blob storage; each test uses names of its own.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private AzuriteProcess? _azurite;

    public string ConnectionString => _azurite!.ConnectionString;

    public BlobServiceClient Client(Action<BlobClientOptions>? configure = null) => BlobClients.Create(ConnectionString, configure: configure);

    /// <summary>The environment of a command that keeps what it stores in containers of its own, so that the next command finds it.</summary>
    /// <param name="folder">Names the containers.</param>
    internal Dictionary<string, string> Variables(TemporaryFolder folder)
    {
        var own = Path.GetFileName(folder.Path).ToLowerInvariant();
        return new()
        {
            ["FEDREC__Storage__ConnectionString"] = ConnectionString,
            ["FEDREC__Storage__GrainContainer"] = $"g{own}",
            ["FEDREC__Storage__ModelContainer"] = $"m{own}",
        };
    }

    public async Task InitializeAsync() => _azurite = await AzuriteProcess.StartAsync(new AzuriteOptions { DataFolder = null });

    public async Task DisposeAsync() => await _azurite!.DisposeAsync();
}

/// <summary>Tests that share the emulator.</summary>
[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Azurite";
}
