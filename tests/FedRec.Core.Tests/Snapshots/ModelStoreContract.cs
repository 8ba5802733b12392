using System.Text;
using FedRec.Core.Snapshots;

namespace FedRec.Core.Tests.Snapshots;

/// <summary>What every model store must do; each store runs it.</summary>
public abstract class ModelStoreContract
{
    private const string Tensors = "tensors.safetensors";
    private static readonly byte[] s_content = Encoding.UTF8.GetBytes("content");
    private static readonly string s_hash = Safetensors.Sha256(s_content);

    // A federation of its own per test, so that tests share one store.
    private readonly string _federation = $"f-{Guid.NewGuid():N}";

    protected abstract IModelStore Store { get; }

    [Fact]
    public async Task LoadContent_AfterSave_GivesTheBytes()
    {
        await Store.SaveContentAsync(_federation, Tensors, 1, s_hash, s_content);

        var loaded = await Store.LoadContentAsync(_federation, Tensors, 1, s_hash);

        Assert.Equal(s_content, loaded.ToArray());
    }

    [Fact]
    public async Task SaveContent_Twice_IsTheSameAsOnce()
    {
        await Store.SaveContentAsync(_federation, Tensors, 1, s_hash, s_content);

        await Store.SaveContentAsync(_federation, Tensors, 1, s_hash, s_content);

        Assert.Equal(s_content, (await Store.LoadContentAsync(_federation, Tensors, 1, s_hash)).ToArray());
    }

    [Fact]
    public async Task SaveContent_CallerChangesTheBufferLater_KeepsWhatWasSaved()
    {
        var buffer = s_content.ToArray();

        await Store.SaveContentAsync(_federation, Tensors, 1, s_hash, buffer);
        buffer[0] ^= 1;

        Assert.Equal(s_content, (await Store.LoadContentAsync(_federation, Tensors, 1, s_hash)).ToArray());
    }

    [Fact]
    public async Task SaveContent_WrongHash_IsRefusedAndStoresNothing()
    {
        var other = Safetensors.Sha256([1]);

        await Assert.ThrowsAsync<ArgumentException>(() => Store.SaveContentAsync(_federation, Tensors, 1, other, s_content));

        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.LoadContentAsync(_federation, Tensors, 1, other));
    }

    [Fact]
    public async Task LoadContent_OtherVersionNameOrHash_IsNotFound()
    {
        await Store.SaveContentAsync(_federation, Tensors, 1, s_hash, s_content);

        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.LoadContentAsync(_federation, Tensors, 2, s_hash));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.LoadContentAsync(_federation, "other", 1, s_hash));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.LoadContentAsync(_federation + "x", Tensors, 1, s_hash));
    }

    [Fact]
    public async Task SaveManifest_SecondForTheVersion_KeepsAndReturnsTheFirst()
    {
        var first = await Store.SaveManifestAsync(_federation, 3, "first"u8.ToArray());

        var second = await Store.SaveManifestAsync(_federation, 3, "second"u8.ToArray());

        Assert.Equal("first"u8.ToArray(), first.ToArray());
        Assert.Equal("first"u8.ToArray(), second.ToArray());
        Assert.Equal("first"u8.ToArray(), (await Store.LoadManifestAsync(_federation, 3))!.Value.ToArray());
    }

    [Fact]
    public async Task SaveManifest_ManyAtOnce_AllGetTheSameOne()
    {
        var offered = Enumerable.Range(0, 8).Select(i => new byte[] { (byte)i });

        var stored = await Task.WhenAll(offered.Select(manifest => Store.SaveManifestAsync(_federation, 1, manifest)));

        Assert.Single(stored.Select(manifest => manifest.Span[0]).Distinct());
    }

    [Fact]
    public async Task LoadManifest_NeverSaved_IsNull() => Assert.Null(await Store.LoadManifestAsync(_federation, 1));

    [Fact]
    public async Task FindHighestVersion_ContentWithoutManifestAbove_CountsOnlyManifests()
    {
        Assert.Equal(0, await Store.FindHighestVersionAsync(_federation));
        await Store.SaveManifestAsync(_federation, 9, s_content);
        await Store.SaveManifestAsync(_federation, 10, s_content);
        await Store.SaveManifestAsync(_federation + "2", 50, s_content);
        await Store.SaveContentAsync(_federation, Tensors, 11, s_hash, s_content);

        Assert.Equal(10, await Store.FindHighestVersionAsync(_federation));
    }

    [Fact]
    public async Task FindHighestVersion_BeyondEightDigits_ComparesNumbers()
    {
        await Store.SaveManifestAsync(_federation, 99_999_999, s_content);
        await Store.SaveManifestAsync(_federation, 100_000_000, s_content);

        Assert.Equal(100_000_000, await Store.FindHighestVersionAsync(_federation));
    }

    [Fact]
    public async Task DeleteVersion_Twice_RemovesThatVersionOnly()
    {
        foreach (var version in new long[] { 1, 2 })
        {
            await Store.SaveContentAsync(_federation, Tensors, version, s_hash, s_content);
            await Store.SaveManifestAsync(_federation, version, s_content);
        }

        await Store.DeleteVersionAsync(_federation, 2);
        await Store.DeleteVersionAsync(_federation, 2);

        Assert.Null(await Store.LoadManifestAsync(_federation, 2));
        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.LoadContentAsync(_federation, Tensors, 2, s_hash));
        Assert.Equal(1, await Store.FindHighestVersionAsync(_federation));
        Assert.Equal(s_content, (await Store.LoadContentAsync(_federation, Tensors, 1, s_hash)).ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("a.")]
    [InlineData("-a")]
    [InlineData("é")]
    public async Task EveryCall_BadFederationName_IsRefused(string federation)
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.SaveContentAsync(federation, Tensors, 1, s_hash, s_content));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.LoadContentAsync(federation, Tensors, 1, s_hash));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.SaveManifestAsync(federation, 1, s_content));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.LoadManifestAsync(federation, 1));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.FindHighestVersionAsync(federation));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.DeleteVersionAsync(federation, 1));
    }

    [Fact]
    public async Task EveryCall_BadVersionNameOrHash_IsRefused()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.SaveManifestAsync(_federation, 0, s_content));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.SaveContentAsync(_federation, "a/b", 1, s_hash, s_content));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.LoadContentAsync(_federation, Tensors, 1, s_hash.ToUpperInvariant()));
    }
}
