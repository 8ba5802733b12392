using Orleans.Storage;

namespace FedRec.Integration.Tests.Storage;

/// <summary>What the official provider promises of clearing, and of calls that are cancelled.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class GrainStateClearTests(AzuriteFixture azurite) : IDisposable
{
    private readonly NoteStore _store = new(azurite);

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Clear_Written_DeletesTheBlobAndAllowsANewState()
    {
        var state = await _store.WriteAsync("a");

        await _store.ClearAsync(state);

        Assert.Equal(("new", null, false), (state.State.Text, state.ETag, state.RecordExists));
        Assert.False(await _store.Blob.ExistsAsync());
        await _store.WriteAsync(state);
        Assert.True((await _store.ReadAsync()).RecordExists);
    }

    [Fact]
    public async Task Clear_WithAnOldETag_IsInconsistentAndKeepsTheState()
    {
        var stale = await _store.WriteAsync("a");
        var current = await _store.ReadAsync();
        await _store.WriteAsync(current);

        await Assert.ThrowsAsync<InconsistentStateException>(() => _store.ClearAsync(stale));

        Assert.Equal("a", (await _store.ReadAsync()).State.Text);
    }

    [Fact]
    public async Task Clear_AsNewOverAnExistingState_IsInconsistentAndKeepsTheState()
    {
        await _store.WriteAsync("a");

        await Assert.ThrowsAsync<InconsistentStateException>(() => _store.ClearAsync(new NoteRecord(new Note())));

        Assert.Equal("a", (await _store.ReadAsync()).State.Text);
    }

    [Fact]
    public async Task Clear_NeverWrittenOrAlreadyDeleted_DoesNothing()
    {
        var state = new NoteRecord(new Note { Text = "a" });
        await _store.ClearAsync(state);
        Assert.Equal(("new", null, false), (state.State.Text, state.ETag, state.RecordExists));

        var written = await _store.WriteAsync("b");
        await _store.Blob.DeleteAsync();
        await _store.ClearAsync(written);

        Assert.Null(written.ETag);
    }

    [Fact]
    public async Task EveryCall_Cancelled_Throws()
    {
        var cancelled = new CancellationToken(canceled: true);
        var state = new NoteRecord(new Note());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.Storage.ReadStateAsync(NoteStore.StateName, _store.Grain, state, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.Storage.WriteStateAsync(NoteStore.StateName, _store.Grain, state, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _store.Storage.ClearStateAsync(NoteStore.StateName, _store.Grain, state, cancelled));
    }
}
