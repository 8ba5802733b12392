using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using FedRec.Core.Snapshots;
using FedRec.Core.Tests.Snapshots;
using FedRec.Storage.Encryption;
using FedRec.Storage.GrainStates;
using FedRec.Storage.Models;

namespace FedRec.Integration.Tests.Storage.Encryption;

/// <summary>The store of models keeps its contract where it is encrypted.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class EncryptedModelStoreTests(AzuriteFixture azurite) : ModelStoreContract
{
    private static readonly BlobCipher s_cipher = Keys.CipherOf(StorageKey.Create("k1"));
    private readonly BlobModelStoreOptions _options = new() { ContainerName = $"models-{Guid.NewGuid():N}", Cipher = s_cipher };

    protected override IModelStore Store => new BlobModelStore(azurite.Client(), _options);
}

/// <summary>Models, checkpoints, catalogues and grain states where they are encrypted: what is stored, what is refused, and what a new key changes.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class EncryptedBlobTests(AzuriteFixture azurite)
{
    private const string State = "state";
    private const string Text = "somebody-met-this-item";
    private static readonly StorageKey s_first = StorageKey.Create("k1");
    private static readonly StorageKey s_second = StorageKey.Create("k2");
    private static readonly byte[] s_content = Encoding.ASCII.GetBytes(Text);
    private static readonly string s_hash = Safetensors.Sha256(s_content);
    private readonly string _own = Guid.NewGuid().ToString("N")[..12];
    private readonly List<string> _said = [];

    private BlobContainerClient States => azurite.Client().GetBlobContainerClient($"g{_own}");

    private BlobContainerClient Models => azurite.Client().GetBlobContainerClient($"m{_own}");

    [Fact]
    public async Task EveryKind_Written_IsReadAgain_AndInNoBlobInTheOpen()
    {
        var cipher = Keys.CipherOf(s_first);
        await WriteAllAsync(cipher);

        Assert.Equal(Text, await ReadAllAsync(cipher));
        var blobs = All();
        Assert.Equal(6, blobs.Count); // the content of a version and its manifest, a checkpoint, a segment, a state and its copy
        Assert.All(blobs, blob =>
        {
            var stored = blob.DownloadContent().Value;
            Assert.Equal("k1", Envelope.KeyIdOf(stored.Content));
            Assert.Equal("k1", stored.Details.Metadata["fedrec_key"]);
            Assert.DoesNotContain(Text, Encoding.Latin1.GetString(stored.Content), StringComparison.Ordinal);
            Assert.DoesNotContain(s_hash, stored.Details.Metadata.Values); // it would tell whether a guess of the content is right
        });
    }

    [Fact]
    public async Task AnyTwoBlobs_InEachOthersPlace_AreRefused()
    {
        var cipher = Keys.CipherOf(s_first);
        await WriteAllAsync(cipher);
        var blobs = All();
        var contents = blobs.Select(blob => blob.DownloadContent().Value).ToList();

        for (var to = 0; to < blobs.Count; to++)
        {
            for (var from = 0; from < blobs.Count; from++)
            {
                var place = new BlobPlace(blobs[to].BlobContainerName, blobs[to].Name);
                Assert.Equal(from == to, cipher.TryOpen(place, contents[from], out var damage) is not null);
                Assert.Equal(from == to, damage is null || !damage.Contains("another place", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public async Task State_InThePlaceOfAnotherGrains_IsRefused()
    {
        var cipher = Keys.CipherOf(s_first);
        using var harness = Harness(cipher, DamagedState.Refused);
        var (ada, bob) = (GrainId.Create("note", "ada"), GrainId.Create("note", "bob"));
        await harness.Storage.WriteStateAsync(State, ada, new NoteRecord(new Note { Text = Text }));
        await harness.Storage.WriteStateAsync(State, bob, new NoteRecord(new Note()));
        var stored = States.GetBlobClient($"{State}-{ada}.json").DownloadContent().Value;
        await States.GetBlobClient($"{State}-{bob}.json").UploadAsync(stored.Content, new BlobUploadOptions { Metadata = stored.Details.Metadata });

        var error = await Assert.ThrowsAsync<InvalidDataException>(() => harness.Storage.ReadStateAsync(State, bob, new NoteRecord(new Note())));

        Assert.Contains("another place", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OldKey_StillReads_NewOneWrites_AndARewriteLeavesNoneOfTheOld()
    {
        await WriteAllAsync(Keys.CipherOf(s_first));
        var both = Keys.CipherOf(s_first, s_second);

        Assert.Equal(Text, await ReadAllAsync(both));
        await new BlobModelStore(azurite.Client(), Options(both)).SaveContentAsync("shop", "other", 1, s_hash, s_content);
        Assert.Equal((6L, 1L), await CountAsync(both));
        var before = await States.GetBlobClient($"{State}-note/ada.json").GetPropertiesAsync();
        Assert.Equal((6L, 1L, 0), Of(await Rewrite(both).RunAsync()));
        Assert.Equal((0L, 7L, 0), Of(await Rewrite(both).RunAsync())); // and again nothing

        var after = await States.GetBlobClient($"{State}-note/ada.json").GetPropertiesAsync();
        Assert.Equal(before.Value.ContentType, after.Value.ContentType);
        Assert.Equal(before.Value.Metadata.Keys.Order(), after.Value.Metadata.Keys.Order());
        Assert.Equal(Text, await ReadAllAsync(Keys.CipherOf(s_second)));

        async Task<(long First, long Second)> CountAsync(BlobCipher cipher)
        {
            var survey = await Rewrite(cipher).SurveyAsync();
            return (survey.ByKey["k1"], survey.ByKey["k2"]);
        }
    }

    [Fact]
    public async Task KeyThatIsNotThere_IsNamedWithTheBlob_AndNothingIsMadeAgainOrPassedOver()
    {
        await WriteAllAsync(Keys.CipherOf(s_first));
        var before = Tags();
        foreach (var cipher in new[] { BlobCipher.None, Keys.CipherOf(s_second) })
        {
            foreach (var rule in Enum.GetValues<DamagedState>())
            {
                using var harness = Harness(cipher, rule);
                var error = await Assert.ThrowsAsync<StorageKeyException>(() => harness.Storage.ReadStateAsync(State, GrainId.Create("note", "ada"), new NoteRecord(new Note())));
                Assert.Contains("'k1'", error.What, StringComparison.Ordinal);
                Assert.Contains($"{States.Name}/{State}-note/ada.json", error.What, StringComparison.Ordinal);
                Assert.Contains("FedRec:Storage:Encryption:KeyFile", error.Next, StringComparison.Ordinal);
            }

            await Assert.ThrowsAsync<StorageKeyException>(() => new BlobModelStore(azurite.Client(), Options(cipher)).LoadManifestAsync("shop", 1));
        }

        var failed = await Rewrite(Keys.CipherOf(s_second)).RunAsync();
        Assert.Equal((0L, 0L, 6), Of(failed));
        Assert.All(failed.Failed.Values, why => Assert.Contains("'k1'", why, StringComparison.Ordinal));
        Assert.Equal(before, Tags());
    }

    [Fact]
    public async Task Plain_IsRefused_OrReadWithAWordAndEncryptedByTheNextWrite()
    {
        await WriteAllAsync(BlobCipher.None);
        await Assert.ThrowsAsync<StorageKeyException>(() => ReadAllAsync(Keys.CipherOf(s_first)));
        var lenient = new BlobCipher(() => new KeyRing(s_first), allowsPlain: true, _said.Add);

        Assert.Equal(Text, await ReadAllAsync(lenient));
        Assert.Equal(5, lenient.PlainReads);
        Assert.Contains("fedrec store rewrite", Assert.Single(_said), StringComparison.Ordinal);
        using (var harness = Harness(lenient, DamagedState.KeptTwice))
        {
            var state = new NoteRecord(new Note());
            await harness.Storage.ReadStateAsync(State, GrainId.Create("note", "ada"), state);
            await harness.Storage.WriteStateAsync(State, GrainId.Create("note", "ada"), state);
        }

        Assert.Equal(4, (await Rewrite(lenient).SurveyAsync()).Plain); // the state and its copy no more
        Assert.Equal((4L, 2L, 0), Of(await Rewrite(lenient).RunAsync()));
        Assert.Equal(Text, await ReadAllAsync(Keys.CipherOf(s_first)));
    }

    [Fact]
    public async Task Plain_ThatSaysItIsEncrypted_IsDamaged()
    {
        await WriteAllAsync(Keys.CipherOf(s_first));
        var blob = Models.GetBlobClient("shop/v00000001/manifest");
        var beside = (await blob.GetPropertiesAsync()).Value.Metadata;
        await blob.UploadAsync(BinaryData.FromBytes(s_content), new BlobUploadOptions { Metadata = new Dictionary<string, string> { ["fedrec_key"] = beside["fedrec_key"] } });

        await Assert.ThrowsAsync<InvalidDataException>(() => new BlobModelStore(azurite.Client(), Options(new BlobCipher(() => new KeyRing(s_first), allowsPlain: true))).LoadManifestAsync("shop", 1));
    }

    [Fact]
    public async Task Write_WhoseAnswerIsLost_SucceedsAndItsNextToo()
    {
        var lossy = new LostAnswerPolicy(losses: 1);
        using var harness = new GrainStorageHarness(azurite.Client(lossy.AddTo), States.Name, cipher: Keys.CipherOf(s_first));
        var state = new NoteRecord(new Note { Text = "1" });
        await harness.Storage.WriteStateAsync(State, GrainId.Create("note", "ada"), state);

        lossy.Arm();
        state.State.Text = "2";
        await harness.Storage.WriteStateAsync(State, GrainId.Create("note", "ada"), state);
        state.State.Text = Text;
        await harness.Storage.WriteStateAsync(State, GrainId.Create("note", "ada"), state);

        var read = new NoteRecord(new Note());
        await harness.Storage.ReadStateAsync(State, GrainId.Create("note", "ada"), read);
        Assert.Equal((0, Text), (lossy.Left, read.State.Text));
    }

    private async Task WriteAllAsync(BlobCipher cipher)
    {
        var options = Options(cipher);
        await new BlobModelStore(azurite.Client(), options).SaveContentAsync("shop", "tensors", 1, s_hash, s_content);
        await new BlobModelStore(azurite.Client(), options).SaveManifestAsync("shop", 1, s_content);
        await new BlobCheckpointStore(azurite.Client(), options).SaveAsync(new CheckpointKey("shop", "run-1", 1, s_hash), s_content);
        await new BlobCatalogueStore(azurite.Client(), options).SaveAsync("shop", s_hash, s_content);
        using var harness = Harness(cipher, DamagedState.KeptTwice);
        await harness.Storage.WriteStateAsync(State, GrainId.Create("note", "ada"), new NoteRecord(new Note { Text = Text }));
    }

    // The text, when every kind gives it back.
    private async Task<string> ReadAllAsync(BlobCipher cipher)
    {
        var options = Options(cipher);
        using var harness = Harness(cipher, DamagedState.KeptTwice);
        var state = new NoteRecord(new Note());
        await harness.Storage.ReadStateAsync(State, GrainId.Create("note", "ada"), state);
        string[] read =
        [
            state.State.Text,
            Encoding.ASCII.GetString((await new BlobModelStore(azurite.Client(), options).LoadContentAsync("shop", "tensors", 1, s_hash)).Span),
            Encoding.ASCII.GetString((await new BlobModelStore(azurite.Client(), options).LoadManifestAsync("shop", 1))!.Value.Span),
            Encoding.ASCII.GetString((await new BlobCheckpointStore(azurite.Client(), options).LoadAsync(new CheckpointKey("shop", "run-1", 1, s_hash))).Span),
            Encoding.ASCII.GetString((await new BlobCatalogueStore(azurite.Client(), options).LoadAsync("shop", s_hash)).Span),
        ];
        return Assert.Single(read.Distinct());
    }

    private GrainStorageHarness Harness(BlobCipher cipher, DamagedState damaged) => new(azurite.Client(), States.Name, damaged: _ => damaged, cipher: cipher);

    private BlobModelStoreOptions Options(BlobCipher cipher) => new() { ContainerName = Models.Name, Cipher = cipher };

    private StoreRewrite Rewrite(BlobCipher cipher) => new([Models, States], cipher);

    private List<BlobClient> All() => [.. new[] { Models, States }.SelectMany(container => container.GetBlobs().Select(blob => container.GetBlobClient(blob.Name)))];

    private string Tags() => string.Join(' ', All().Select(blob => blob.GetProperties().Value.ETag));

    private static (long Rewritten, long Kept, int Failed) Of(StoreRewriting done) => (done.Rewritten, done.Kept, done.Failed.Count);
}

/// <summary>Ciphers of the tests.</summary>
internal static class Keys
{
    public static BlobCipher CipherOf(params StorageKey[] keys)
    {
        var ring = new KeyRing(keys);
        return new BlobCipher(() => ring);
    }
}
