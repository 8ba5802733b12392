using Azure.Storage.Blobs;
using Orleans.Storage;

namespace FedRec.Integration.Tests.Storage;

/// <summary>What the official provider promises, one test per row of its behaviour table.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class BlobGrainStorageTests : IDisposable
{
    private const string StateName = "state";
    private readonly string _container = $"grains-{Guid.NewGuid():N}";
    private readonly GrainId _grain = GrainId.Create("note", Guid.NewGuid().ToString("N"));
    private readonly AzuriteFixture _azurite;
    private readonly GrainStorageHarness _harness;

    public BlobGrainStorageTests(AzuriteFixture azurite)
    {
        _azurite = azurite;
        _harness = new GrainStorageHarness(options => (options.ConnectionString, options.ContainerName) = (azurite.ConnectionString, _container));
    }

    private IGrainStorage Storage => _harness.Storage;

    private BlobContainerClient Container => _azurite.Client().GetBlobContainerClient(_container);

    private BlobClient Blob => Container.GetBlobClient($"{StateName}-{_grain}.json");

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task Read_NeverWritten_IsANewStateThatDoesNotExist()
    {
        var state = new NoteRecord(new Note { Text = "old" }, "\"etag\"") { RecordExists = true };

        await Storage.ReadStateAsync(StateName, _grain, state);

        Assert.Equal(("new", null, false), (state.State.Text, state.ETag, state.RecordExists));
    }

    [Fact]
    public async Task Read_AfterWrite_IsTheSameStateAndETag()
    {
        var written = await WriteAsync("hello");

        var read = await ReadAsync();

        Assert.Equal(("hello", true), (read.State.Text, read.RecordExists));
        Assert.Equal(written.ETag, read.ETag);
        Assert.True(written.RecordExists);
    }

    [Fact]
    public async Task Write_Again_ChangesTheETag()
    {
        var state = await WriteAsync("a");
        var first = state.ETag;

        state.State.Text = "b";
        await Storage.WriteStateAsync(StateName, _grain, state);

        Assert.NotEqual(first, state.ETag);
        Assert.Equal("b", (await ReadAsync()).State.Text);
    }

    [Fact]
    public async Task Write_AsNewOverAnExistingState_IsInconsistent()
    {
        await WriteAsync("first");

        var thrown = await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync("second"));

        Assert.Equal("Unknown", thrown.StoredEtag);
        Assert.Equal("first", (await ReadAsync()).State.Text);
    }

    [Fact]
    public async Task Write_WithAnOldETag_IsInconsistentAndChangesNothing()
    {
        var stale = await WriteAsync("a");
        var current = await ReadAsync();
        current.State.Text = "b";
        await Storage.WriteStateAsync(StateName, _grain, current);
        var etag = stale.ETag;

        var thrown = await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync(StateName, _grain, stale));

        Assert.Equal((etag, etag), (thrown.CurrentEtag, stale.ETag));
        Assert.Equal("b", (await ReadAsync()).State.Text);
    }

    [Fact]
    public async Task Write_WithAnETagOfADeletedState_IsInconsistent()
    {
        var state = await WriteAsync("a");
        await Blob.DeleteAsync();

        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync(StateName, _grain, state));
    }

    [Fact]
    public async Task Write_ByManyWithTheSameETag_ExactlyOneWins()
    {
        var etag = (await WriteAsync("a")).ETag;

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Record.ExceptionAsync(
            () => Storage.WriteStateAsync(StateName, _grain, new NoteRecord(new Note { Number = i }, etag)))));

        Assert.Single(outcomes, outcome => outcome is null);
        Assert.All(outcomes.Where(outcome => outcome is not null), outcome => Assert.IsType<InconsistentStateException>(outcome));
    }

    [Fact]
    public async Task WriteAndRead_ManyGrainsInParallel_KeepsThemApart()
    {
        var grains = Enumerable.Range(0, 50).Select(i => (Id: GrainId.Create("note", $"{_grain.Key}-{i}"), State: new NoteRecord(new Note { Number = i }))).ToList();

        await Parallel.ForEachAsync(grains, async (grain, _) =>
        {
            for (var round = 0; round < 3; round++)
            {
                await Storage.WriteStateAsync(StateName, grain.Id, grain.State);
            }
        });

        foreach (var (id, state) in grains)
        {
            var read = await ReadAsync(id);
            Assert.Equal((state.State.Number, state.ETag), (read.State.Number, read.ETag));
        }
    }

    [Fact]
    public async Task Write_NullState_ReadsAsANewStateThatExists()
    {
        await Storage.WriteStateAsync(StateName, _grain, new NoteRecord(null!));

        var read = await ReadAsync();

        Assert.Equal(("new", true), (read.State.Text, read.RecordExists));
    }

    [Fact]
    public async Task Write_TwoStateNames_AreIndependent()
    {
        await Storage.WriteStateAsync("one", _grain, new NoteRecord(new Note { Text = "1" }));
        var two = new NoteRecord(new Note { Text = "2" });
        await Storage.WriteStateAsync("two", _grain, two);

        await Storage.ClearStateAsync("two", _grain, two);

        var one = new NoteRecord(new Note());
        await Storage.ReadStateAsync("one", _grain, one);
        Assert.Equal(("1", true), (one.State.Text, one.RecordExists));
    }

    [Fact]
    public async Task Write_ContainerWasDeleted_CreatesItAgain()
    {
        await WriteAsync("a");
        await Container.DeleteAsync();

        Assert.False((await ReadAsync()).RecordExists);
        await WriteAsync("b");

        Assert.Equal("b", (await ReadAsync()).State.Text);
    }

    [Fact]
    public async Task Clear_Written_DeletesTheBlobAndAllowsANewState()
    {
        var state = await WriteAsync("a");

        await Storage.ClearStateAsync(StateName, _grain, state);

        Assert.Equal(("new", null, false), (state.State.Text, state.ETag, state.RecordExists));
        Assert.False(await Blob.ExistsAsync());
        await Storage.WriteStateAsync(StateName, _grain, state);
        Assert.True((await ReadAsync()).RecordExists);
    }

    [Fact]
    public async Task Clear_WithAnOldETag_IsInconsistentAndKeepsTheState()
    {
        var stale = await WriteAsync("a");
        var current = await ReadAsync();
        await Storage.WriteStateAsync(StateName, _grain, current);

        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync(StateName, _grain, stale));

        Assert.Equal("a", (await ReadAsync()).State.Text);
    }

    [Fact]
    public async Task Clear_AsNewOverAnExistingState_IsInconsistentAndKeepsTheState()
    {
        await WriteAsync("a");

        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync(StateName, _grain, new NoteRecord(new Note())));

        Assert.Equal("a", (await ReadAsync()).State.Text);
    }

    [Fact]
    public async Task Clear_NeverWrittenOrAlreadyDeleted_DoesNothing()
    {
        var state = new NoteRecord(new Note { Text = "a" });
        await Storage.ClearStateAsync(StateName, _grain, state);
        Assert.Equal(("new", null, false), (state.State.Text, state.ETag, state.RecordExists));

        var written = await WriteAsync("b");
        await Blob.DeleteAsync();
        await Storage.ClearStateAsync(StateName, _grain, written);

        Assert.Null(written.ETag);
    }

    [Fact]
    public async Task Read_BlobOfTheOfficialProvider_IsReadAndCanBeReplaced()
    {
        await Container.CreateAsync();
        await Blob.UploadAsync(BinaryData.FromString($$"""{"$id":"1","$type":"{{typeof(Note).FullName}}, {{typeof(Note).Assembly.GetName().Name}}","Text":"official","Number":3}"""));

        var state = await ReadAsync();
        await Storage.WriteStateAsync(StateName, _grain, state);

        Assert.Equal(("official", 3, true), (state.State.Text, state.State.Number, state.RecordExists));
    }

    [Fact]
    public async Task Write_AnyState_HasTheOfficialNameAndContentType()
    {
        await WriteAsync("a");

        var blob = Assert.Single(await Container.GetBlobsAsync().ToListAsync());
        Assert.Equal($"{StateName}-note/{_grain.Key}.json", blob.Name);
        Assert.Equal("application/octet-stream", blob.Properties.ContentType);
    }

    [Fact]
    public async Task EveryCall_Cancelled_Throws()
    {
        var cancelled = new CancellationToken(canceled: true);
        var state = new NoteRecord(new Note());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Storage.ReadStateAsync(StateName, _grain, state, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Storage.WriteStateAsync(StateName, _grain, state, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Storage.ClearStateAsync(StateName, _grain, state, cancelled));
    }

    private async Task<NoteRecord> WriteAsync(string text)
    {
        var state = new NoteRecord(new Note { Text = text });
        await Storage.WriteStateAsync(StateName, _grain, state);
        return state;
    }

    private async Task<NoteRecord> ReadAsync(GrainId? grain = null)
    {
        var state = new NoteRecord(new Note());
        await Storage.ReadStateAsync(StateName, grain ?? _grain, state);
        return state;
    }
}
