namespace FedRec.Integration.Tests.Storage;

/// <summary>Which blob a state is in: the official provider's own.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class GrainStateLayoutTests(AzuriteFixture azurite) : IDisposable
{
    private readonly NoteStore _store = new(azurite);

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Read_BlobOfTheOfficialProvider_IsReadAndCanBeReplaced()
    {
        await _store.Container.CreateAsync();
        await _store.Blob.UploadAsync(BinaryData.FromString($$"""{"$id":"1","$type":"{{typeof(Note).FullName}}, {{typeof(Note).Assembly.GetName().Name}}","Text":"official","Number":3}"""));

        var state = await _store.ReadAsync();
        await _store.WriteAsync(state);

        Assert.Equal(("official", 3, true), (state.State.Text, state.State.Number, state.RecordExists));
    }

    [Fact]
    public async Task Write_AnyState_HasTheOfficialNameAndContentType()
    {
        await _store.WriteAsync("a");

        var blob = Assert.Single(await _store.Container.GetBlobsAsync().ToListAsync());
        Assert.Equal($"{NoteStore.StateName}-note/{_store.Grain.Key}.json", blob.Name);
        Assert.Equal("application/octet-stream", blob.Properties.ContentType);
    }

    [Fact]
    public async Task Write_TwoStateNames_AreIndependent()
    {
        await _store.Storage.WriteStateAsync("one", _store.Grain, new NoteRecord(new Note { Text = "1" }));
        var two = new NoteRecord(new Note { Text = "2" });
        await _store.Storage.WriteStateAsync("two", _store.Grain, two);

        await _store.Storage.ClearStateAsync("two", _store.Grain, two);

        var one = new NoteRecord(new Note());
        await _store.Storage.ReadStateAsync("one", _store.Grain, one);
        Assert.Equal(("1", true), (one.State.Text, one.RecordExists));
    }

    [Fact]
    public async Task WriteAndRead_ManyGrainsInParallel_KeepsThemApart()
    {
        var grains = Enumerable.Range(0, 50).Select(i => (Id: GrainId.Create("note", $"{_store.Grain.Key}-{i}"), State: new NoteRecord(new Note { Number = i }))).ToList();

        await Parallel.ForEachAsync(grains, async (grain, _) =>
        {
            for (var round = 0; round < 3; round++)
            {
                await _store.Storage.WriteStateAsync(NoteStore.StateName, grain.Id, grain.State);
            }
        });

        foreach (var (id, state) in grains)
        {
            var read = await _store.ReadAsync(id);
            Assert.Equal((state.State.Number, state.ETag), (read.State.Number, read.ETag));
        }
    }

    [Fact]
    public async Task Write_ContainerWasDeleted_CreatesItAgain()
    {
        await _store.WriteAsync("a");
        await _store.Container.DeleteAsync();

        Assert.False((await _store.ReadAsync()).RecordExists);
        await _store.WriteAsync("b");

        Assert.Equal("b", (await _store.ReadAsync()).State.Text);
    }
}
