using Orleans.Storage;

namespace FedRec.Integration.Tests.Storage;

/// <summary>What the official provider promises of reads and writes, one test per row of its behaviour table.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class GrainStateTests(AzuriteFixture azurite) : IDisposable
{
    private readonly NoteStore _store = new(azurite);

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Read_NeverWritten_IsANewStateThatDoesNotExist()
    {
        var state = new NoteRecord(new Note { Text = "old" }, "\"etag\"") { RecordExists = true };

        await _store.Storage.ReadStateAsync(NoteStore.StateName, _store.Grain, state);

        Assert.Equal(("new", null, false), (state.State.Text, state.ETag, state.RecordExists));
    }

    [Fact]
    public async Task Read_AfterWrite_IsTheSameStateAndETag()
    {
        var written = await _store.WriteAsync("hello");

        var read = await _store.ReadAsync();

        Assert.Equal(("hello", true), (read.State.Text, read.RecordExists));
        Assert.Equal(written.ETag, read.ETag);
        Assert.True(written.RecordExists);
    }

    [Fact]
    public async Task Write_Again_ChangesTheETag()
    {
        var state = await _store.WriteAsync("a");
        var first = state.ETag;

        state.State.Text = "b";
        await _store.WriteAsync(state);

        Assert.NotEqual(first, state.ETag);
        Assert.Equal("b", (await _store.ReadAsync()).State.Text);
    }

    [Fact]
    public async Task Write_AsNewOverAnExistingState_IsInconsistent()
    {
        await _store.WriteAsync("first");

        var thrown = await Assert.ThrowsAsync<InconsistentStateException>(() => _store.WriteAsync("second"));

        Assert.Equal("Unknown", thrown.StoredEtag);
        Assert.Equal("first", (await _store.ReadAsync()).State.Text);
    }

    [Fact]
    public async Task Write_WithAnOldETag_IsInconsistentAndChangesNothing()
    {
        var stale = await _store.WriteAsync("a");
        var current = await _store.ReadAsync();
        current.State.Text = "b";
        await _store.WriteAsync(current);
        var etag = stale.ETag;

        var thrown = await Assert.ThrowsAsync<InconsistentStateException>(() => _store.WriteAsync(stale));

        Assert.Equal((etag, etag), (thrown.CurrentEtag, stale.ETag));
        Assert.Equal("b", (await _store.ReadAsync()).State.Text);
    }

    [Fact]
    public async Task Write_WithAnETagOfADeletedState_IsInconsistent()
    {
        var state = await _store.WriteAsync("a");
        await _store.Blob.DeleteAsync();

        await Assert.ThrowsAsync<InconsistentStateException>(() => _store.WriteAsync(state));
    }

    [Fact]
    public async Task Write_ByManyWithTheSameETag_ExactlyOneWins()
    {
        var etag = (await _store.WriteAsync("a")).ETag;

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Record.ExceptionAsync(
            () => _store.WriteAsync(new NoteRecord(new Note { Number = i }, etag)))));

        Assert.Single(outcomes, outcome => outcome is null);
        Assert.All(outcomes.Where(outcome => outcome is not null), outcome => Assert.IsType<InconsistentStateException>(outcome));
    }

    [Fact]
    public async Task Write_NullState_ReadsAsANewState()
    {
        await _store.WriteAsync(new NoteRecord(null!));

        var read = await _store.ReadAsync();

        Assert.Equal(("new", false), (read.State.Text, read.RecordExists));
        Assert.NotNull(read.ETag);
    }
}
