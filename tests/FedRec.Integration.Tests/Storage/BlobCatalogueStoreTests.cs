using FedRec.Core.Snapshots;
using FedRec.Storage.Models;

namespace FedRec.Integration.Tests.Storage;

[Collection(AzuriteCollection.Name)]
public sealed class BlobCatalogueStoreTests(AzuriteFixture azurite)
{
    private static readonly byte[] s_content = [1, 2, 3];
    private static readonly string s_hash = Safetensors.Sha256(s_content);
    private readonly BlobModelStoreOptions _options = new() { ContainerName = $"models-{Guid.NewGuid():N}" };

    private BlobCatalogueStore Store => new(azurite.Client(), _options);

    [Fact]
    public async Task Save_Twice_KeepsWhatWasThere()
    {
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.LoadAsync("f", s_hash));

        await Store.SaveAsync("f", s_hash, s_content);
        await Store.SaveAsync("f", s_hash, s_content);

        Assert.Equal(s_content, (await Store.LoadAsync("f", s_hash)).ToArray());
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.LoadAsync("g", s_hash));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.SaveAsync("f", s_hash, new byte[] { 4 }));
        Assert.Equal(0, await new BlobModelStore(azurite.Client(), _options).FindHighestVersionAsync("f")); // it is none of the versions beside it
    }

    [Fact]
    public async Task Load_StoredBytesAreDamaged_IsInvalidData()
    {
        await Store.SaveAsync("f", s_hash, s_content);
        var blob = azurite.Client().GetBlobContainerClient(_options.ContainerName).GetBlobClient($"f/catalogue/{s_hash}");
        await blob.UploadAsync(BinaryData.FromBytes(new byte[] { 1, 2, 4 }), overwrite: true);

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => Store.LoadAsync("f", s_hash));

        Assert.Contains(blob.Uri.ToString(), thrown.Message, StringComparison.Ordinal);
    }
}
