using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using FedRec.Storage.GrainStates;

namespace FedRec.Integration.Tests.Storage;

/// <summary>What is read of a state whose bytes are damaged in the store, by the kind of state.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class DamagedStateTests : IDisposable
{
    private readonly AzuriteFixture _azurite;
    private readonly string _container = $"damaged-{Guid.NewGuid():N}";
    private readonly GrainId _grain = GrainId.Create("note", "key");
    private readonly GrainStorageHarness _harness;

    public DamagedStateTests(AzuriteFixture azurite)
    {
        _azurite = azurite;
        _harness = new GrainStorageHarness(azurite.Client(), _container, damaged: state => Enum.Parse<DamagedState>(state));
    }

    public void Dispose() => _harness.Dispose();

    [Theory]
    [CombinedDamage]
    public async Task Read_Refused_SaysWhichBlob(Damage damage)
    {
        await WriteTwiceAsync("Refused");
        await DamageAsync("Refused", damage);

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync("Refused"));

        Assert.Contains($"{Blob("Refused").Uri} is damaged", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [CombinedDamage]
    public async Task Read_KeptTwice_IsTheCopy_AndTheNextWriteReplacesWhatIsDamaged(Damage damage)
    {
        var written = await WriteTwiceAsync("KeptTwice");
        await DamageAsync("KeptTwice", damage);

        var read = await ReadAsync("KeptTwice");
        Assert.Equal(("second", true), (read.State.Text, read.RecordExists));
        await Assert.ThrowsAsync<Orleans.Storage.InconsistentStateException>(() => WriteAsync("KeptTwice", written)); // whoever has not read since
        read.State.Text = "third";
        await WriteAsync("KeptTwice", read);

        Assert.Equal("third", (await ReadAsync("KeptTwice")).State.Text);
        Assert.Equal("third", await WithoutTheFirstAsync());
    }

    [Theory]
    [CombinedDamage]
    public async Task Read_MadeAgain_WasNeverWritten_AndTheNextWriteReplacesWhatIsDamaged(Damage damage)
    {
        await WriteTwiceAsync("MadeAgain");
        await DamageAsync("MadeAgain", damage);

        var read = await ReadAsync("MadeAgain");
        Assert.Equal(("new", false), (read.State.Text, read.RecordExists));
        read.State.Text = "third";
        await WriteAsync("MadeAgain", read);

        Assert.Equal(("third", true), ((await ReadAsync("MadeAgain")).State.Text, (await ReadAsync("MadeAgain")).RecordExists));
    }

    [Fact]
    public async Task Read_KeptTwice_BothDamaged_SaysWhichBlob()
    {
        await WriteTwiceAsync("KeptTwice");
        await DamageAsync("KeptTwice", Damage.Flip);
        await DamageAsync("KeptTwice", Damage.Flip, copy: true);

        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync("KeptTwice"));
    }

    [Fact]
    public async Task Write_KeptTwice_TheLoserOfTwoWritersLeavesNoCopy()
    {
        var winner = await WriteTwiceAsync("KeptTwice");
        var loser = new NoteRecord(new Note { Text = "loser" }, winner.ETag);
        winner.State.Text = "winner";
        await WriteAsync("KeptTwice", winner);

        await Assert.ThrowsAsync<Orleans.Storage.InconsistentStateException>(() => WriteAsync("KeptTwice", loser));
        await DamageAsync("KeptTwice", Damage.Flip);

        Assert.Equal("winner", (await ReadAsync("KeptTwice")).State.Text);
    }

    [Fact]
    public async Task Clear_KeptTwice_LeavesNoCopy()
    {
        var written = await WriteTwiceAsync("KeptTwice");

        await _harness.Storage.ClearStateAsync("KeptTwice", _grain, written);

        Assert.Empty(_azurite.Client().GetBlobContainerClient(_container).GetBlobs().Select(blob => blob.Name));
    }

    private async Task<string> WithoutTheFirstAsync()
    {
        await DamageAsync("KeptTwice", Damage.Empty);
        return (await ReadAsync("KeptTwice")).State.Text;
    }

    private async Task<NoteRecord> WriteTwiceAsync(string state)
    {
        var written = new NoteRecord(new Note { Text = "first" });
        await WriteAsync(state, written);
        written.State.Text = "second";
        await WriteAsync(state, written);
        return written;
    }

    private Task WriteAsync(string state, NoteRecord record) => _harness.Storage.WriteStateAsync(state, _grain, record);

    private async Task<NoteRecord> ReadAsync(string state)
    {
        var read = new NoteRecord(new Note());
        await _harness.Storage.ReadStateAsync(state, _grain, read);
        return read;
    }

    private BlobClient Blob(string state, bool copy = false) =>
        _azurite.Client().GetBlobContainerClient(_container).GetBlobClient($"{state}-{_grain}.json{(copy ? ".copy" : "")}");

    private Task DamageAsync(string state, Damage damage, bool copy = false) => Blob(state, copy).DamageAsync(damage);
}

/// <summary>What a disk may do to bytes.</summary>
public enum Damage
{
    /// <summary>One bit in the middle is another.</summary>
    Flip,

    /// <summary>The second half is missing.</summary>
    Truncate,

    /// <summary>Nothing is left.</summary>
    Empty,
}

/// <summary>Every damage.</summary>
public sealed class CombinedDamageAttribute : Xunit.Sdk.DataAttribute
{
    public override IEnumerable<object[]> GetData(System.Reflection.MethodInfo testMethod) => Enum.GetValues<Damage>().Select(damage => new object[] { damage });
}

/// <summary>Puts damage into blobs.</summary>
internal static class DamagedBlobs
{
    /// <summary>Damages the bytes of a blob; what is written beside them stays.</summary>
    public static async Task DamageAsync(this BlobClient blob, Damage damage)
    {
        var stored = (await blob.DownloadContentAsync()).Value;
        await blob.UploadAsync(BinaryData.FromBytes(Damaged(stored.Content.ToArray(), damage)), new BlobUploadOptions { Metadata = stored.Details.Metadata });
    }

    internal static byte[] Damaged(byte[] bytes, Damage damage)
    {
        switch (damage)
        {
            case Damage.Flip:
                bytes[bytes.Length / 2] ^= 1;
                return bytes;
            case Damage.Truncate:
                return bytes[..(bytes.Length / 2)];
            default:
                return [];
        }
    }
}

/// <summary>A blob that is damaged for a while.</summary>
internal sealed class DamagedBlob(BlobClient blob, BlobDownloadResult stored) : IAsyncDisposable
{
    /// <summary>Damages it.</summary>
    public static async Task<DamagedBlob> MakeAsync(BlobClient blob, Damage damage)
    {
        var stored = (await blob.DownloadContentAsync()).Value;
        await blob.DamageAsync(damage);
        return new DamagedBlob(blob, stored);
    }

    /// <summary>Puts it back as it was.</summary>
    public async ValueTask DisposeAsync() => await blob.UploadAsync(stored.Content, new BlobUploadOptions { Metadata = stored.Details.Metadata });
}
