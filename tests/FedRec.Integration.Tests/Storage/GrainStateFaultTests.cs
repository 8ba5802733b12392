using System.Diagnostics;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using FedRec.Storage;
using FedRec.Storage.GrainStates;
using Orleans.Configuration;
using Orleans.Storage;

namespace FedRec.Integration.Tests.Storage;

/// <summary>Lost answers, damaged bytes, a store that is away.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class GrainStateFaultTests(AzuriteFixture azurite)
{
    private readonly string _container = $"faults-{Guid.NewGuid():N}";
    private readonly GrainId _grain = GrainId.Create("note", "key");

    private BlobClient Blob => azurite.Client().GetBlobContainerClient(_container).GetBlobClient($"state-{_grain}.json");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Write_AnswerIsLost_IsFoundAsOnesOwn(int losses)
    {
        var lossy = new LostAnswerPolicy(losses);
        using var harness = Harness(lossy: lossy);
        var state = new NoteRecord(new Note { Text = "a" });
        await harness.Storage.WriteStateAsync("other", _grain, new NoteRecord(new Note())); // the container is there
        lossy.Arm();

        await harness.Storage.WriteStateAsync("state", _grain, state);
        state.State.Text = "b";
        await harness.Storage.WriteStateAsync("state", _grain, state);

        Assert.Equal(0, lossy.Left);
        Assert.Equal("b", (await ReadAsync(harness)).State.Text);
    }

    [Fact]
    public async Task Write_AnswerIsLostAndAnotherWritesAfter_IsInconsistent()
    {
        var lossy = new LostAnswerPolicy(losses: 1) { BeforeLoss = () => Blob.UploadAsync(BinaryData.FromString("null"), overwrite: true) };
        using var harness = Harness(lossy: lossy);
        var state = new NoteRecord(new Note());
        await harness.Storage.WriteStateAsync("state", _grain, state);
        lossy.Arm();

        await Assert.ThrowsAsync<InconsistentStateException>(() => harness.Storage.WriteStateAsync("state", _grain, state));

        Assert.Equal(0, lossy.Left);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Clear_AnswerIsLost_IsCleared(bool delete)
    {
        var lossy = new LostAnswerPolicy(losses: 1);
        using var harness = Harness(options => options.DeleteStateOnClear = delete, lossy);
        var state = new NoteRecord(new Note());
        await harness.Storage.WriteStateAsync("state", _grain, state);
        lossy.Arm();

        await harness.Storage.ClearStateAsync("state", _grain, state);

        Assert.Equal(0, lossy.Left);
        Assert.Equal(delete, state.ETag is null);
        Assert.False((await ReadAsync(harness)).RecordExists);
    }

    [Fact]
    public async Task Clear_KeepingTheBlob_KeepsTheHistoryOfETags()
    {
        using var harness = Harness(options => options.DeleteStateOnClear = false);
        var state = new NoteRecord(new Note { Text = "a" });
        await harness.Storage.WriteStateAsync("state", _grain, state);
        var stale = new NoteRecord(new Note(), state.ETag);

        await harness.Storage.ClearStateAsync("state", _grain, state);

        var read = await ReadAsync(harness);
        Assert.Equal(("new", state.ETag, false), (read.State.Text, read.ETag, read.RecordExists));
        Assert.NotEqual(stale.ETag, state.ETag);
        await Assert.ThrowsAsync<InconsistentStateException>(() => harness.Storage.ClearStateAsync("state", _grain, stale));
        await harness.Storage.WriteStateAsync("state", _grain, read);
        Assert.True((await ReadAsync(harness)).RecordExists);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"Text\":\"tampered\"}")]
    public async Task Read_BytesWereDamaged_SaysWhichBlob(string damaged)
    {
        using var harness = Harness();
        await harness.Storage.WriteStateAsync("state", _grain, new NoteRecord(new Note()));
        var metadata = (await Blob.GetPropertiesAsync()).Value.Metadata;
        await Blob.UploadAsync(BinaryData.FromString(damaged), new BlobUploadOptions { Metadata = metadata });

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(harness));

        Assert.Contains($"{Blob.Uri} is damaged", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_BytesAreNoState_FailsAndTheStateStaysAsItWas()
    {
        using var harness = Harness();
        await azurite.Client().GetBlobContainerClient(_container).CreateAsync();
        await Blob.UploadAsync(BinaryData.FromString("not json"));
        var state = new NoteRecord(new Note { Text = "old" }, "\"etag\"");

        await Assert.ThrowsAnyAsync<Exception>(() => harness.Storage.ReadStateAsync("state", _grain, state));

        Assert.Equal(("old", "\"etag\""), (state.State.Text, state.ETag));
    }

    [Fact]
    public async Task Write_StoreIsAway_FailsBeforeAGrainCallDoesAndKeepsTheETag()
    {
        using var harness = new GrainStorageHarness(BlobClients.Create(Unreachable.ConnectionString, GrainStateStorage.AttemptTimeout));
        var state = new NoteRecord(new Note(), "\"etag\"");
        var clock = Stopwatch.StartNew();

        var thrown = await Assert.ThrowsAnyAsync<Exception>(() => harness.Storage.WriteStateAsync("state", _grain, state));

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(25), $"it took {clock.Elapsed}");
        Assert.IsNotType<InconsistentStateException>(thrown);
        Assert.Contains(Unreachable.Address, thrown.ToString(), StringComparison.Ordinal);
        Assert.Equal("\"etag\"", state.ETag);
    }

    [Fact]
    public async Task StartSilo_StoreIsAway_SaysWhichStorageAndWhere()
    {
        using var host = GrainStorageHarness.BuildHost(silo => silo.AddGrainStates("blobs", () => BlobClients.Create(Unreachable.ConnectionString), "grainstate"));

        var thrown = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync()).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Contains("grain storage 'blobs' cannot use", thrown.ToString(), StringComparison.Ordinal);
        Assert.Contains(Unreachable.Address, thrown.ToString(), StringComparison.Ordinal);
    }

    private GrainStorageHarness Harness(Action<AzureBlobStorageOptions>? configure = null, LostAnswerPolicy? lossy = null) =>
        new(azurite.Client(lossy is null ? null : lossy.AddTo), _container, configure);

    private async Task<NoteRecord> ReadAsync(GrainStorageHarness harness)
    {
        var state = new NoteRecord(new Note());
        await harness.Storage.ReadStateAsync("state", _grain, state);
        return state;
    }
}
