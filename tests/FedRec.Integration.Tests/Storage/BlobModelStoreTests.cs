using FedRec.Core.Snapshots;
using FedRec.Core.Tests.Snapshots;
using FedRec.Storage;
using FedRec.Storage.Models;

namespace FedRec.Integration.Tests.Storage;

[Collection(AzuriteCollection.Name)]
public sealed class BlobModelStoreTests(AzuriteFixture azurite) : ModelStoreContract
{
    private static readonly byte[] s_content = [1, 2, 3];
    private static readonly string s_hash = Safetensors.Sha256(s_content);
    private readonly BlobModelStoreOptions _options = new() { ContainerName = $"models-{Guid.NewGuid():N}" };

    protected override IModelStore Store => new BlobModelStore(azurite.Client(), _options);

    [Fact]
    public async Task LoadContent_StoredBytesAreDamaged_IsInvalidData()
    {
        await Store.SaveContentAsync("f", "tensors", 1, s_hash, s_content);
        var blob = azurite.Client().GetBlobContainerClient(_options.ContainerName).GetBlobClient($"f/v00000001/tensors.{s_hash}");
        await blob.UploadAsync(BinaryData.FromBytes(new byte[] { 1, 2, 4 }), overwrite: true);

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => Store.LoadContentAsync("f", "tensors", 1, s_hash));

        Assert.Contains(blob.Uri.ToString(), thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SaveManifest_AnswerIsLost_ReturnsOurOwn()
    {
        var lossy = new LostAnswerPolicy(losses: 1);
        var store = new BlobModelStore(azurite.Client(lossy.AddTo), _options);
        await store.SaveManifestAsync("f", 1, s_content);

        lossy.Arm();
        var stored = await store.SaveManifestAsync("f", 2, s_content);

        Assert.Equal(0, lossy.Left);
        Assert.Equal(s_content, stored.ToArray());
    }

    [Fact]
    public async Task SaveAndLoad_ManyMegabytes_GivesTheBytes()
    {
        var content = new byte[20_000_000];
        new Random(1).NextBytes(content);
        var hash = Safetensors.Sha256(content);

        await Store.SaveContentAsync("f", "tensors", 1, hash, content);

        var loaded = await Store.LoadContentAsync("f", "tensors", 1, hash);
        Assert.True(loaded.Span.SequenceEqual(content));
    }

    [Fact]
    public async Task SaveContent_UnreachableStore_FailsWithTheAddress()
    {
        var store = new BlobModelStore(BlobClients.Create(Unreachable.ConnectionString));

        var thrown = await Assert.ThrowsAnyAsync<Exception>(() => store.SaveContentAsync("f", "tensors", 1, s_hash, s_content)).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Contains(Unreachable.Address, thrown.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Models")]
    [InlineData("a--b")]
    [InlineData("ab")]
    public void Create_BadContainerName_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => new BlobModelStore(azurite.Client(), new BlobModelStoreOptions { ContainerName = name }));

    [Fact]
    public void BlobClients_BadConnectionString_IsRefusedWithoutRepeatingIt()
    {
        var thrown = Assert.Throws<ArgumentException>(() => BlobClients.Create("AccountKey=secret"));

        Assert.DoesNotContain("secret", thrown.ToString(), StringComparison.Ordinal);
    }
}
