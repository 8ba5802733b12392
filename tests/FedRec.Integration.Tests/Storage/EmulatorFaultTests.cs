using System.Diagnostics;
using System.Globalization;
using Azure.Data.Tables;
using FedRec.Cli;
using FedRec.Core.Snapshots;
using FedRec.Hosting;
using FedRec.Hosting.Azurite;
using FedRec.Storage;
using FedRec.Storage.Models;

namespace FedRec.Integration.Tests.Storage;

/// <summary>An emulator that is killed, hangs or can no longer save.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class EmulatorFaultTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly StoreWatchTimes s_quick = new()
    {
        Interval = TimeSpan.FromMilliseconds(50),
        Attempt = TimeSpan.FromSeconds(2),
        Notice = TimeSpan.FromSeconds(1),
        Restart = TimeSpan.FromSeconds(3),
    };

    private readonly TemporaryFolder _folder = new();

    private string Data => Path.Combine(_folder.Path, "data");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_AtOnce_HasEveryStateVersionAndForgettingThatWasAnswered()
    {
        await using var azurite = await AzuriteProcess.StartAsync(new AzuriteOptions { DataFolder = Data });
        using var states = new GrainStorageHarness(BlobClients.Create(azurite.ConnectionString));
        var models = new BlobModelStore(BlobClients.Create(azurite.ConnectionString));
        var members = TableClients.Create(azurite.ConnectionString).GetTableClient("Members");
        await members.CreateAsync();
        var (kept, forgotten) = (GrainId.Create("note", "kept"), GrainId.Create("note", "forgotten"));
        var (state, cleared) = (new NoteRecord(new Note()), new NoteRecord(new Note()));
        await states.Storage.WriteStateAsync("state", forgotten, cleared);
        for (var count = 1; count <= 20; count++)
        {
            state.State.Number = count;
            await states.Storage.WriteStateAsync("state", kept, state);
        }

        await models.SaveManifestAsync("shop", 7, new byte[] { 7 });
        await states.Storage.ClearStateAsync("state", forgotten, cleared);
        await members.AddEntityAsync(new TableEntity("cluster", "last"));

        await SignalAsync("KILL", azurite);
        await azurite.RestartAsync(default);

        var read = new NoteRecord(new Note());
        await states.Storage.ReadStateAsync("state", kept, read);
        Assert.Equal((20, state.ETag), (read.State.Number, read.ETag));
        await states.Storage.ReadStateAsync("state", forgotten, read);
        Assert.False(read.RecordExists);
        Assert.Equal(7, await models.FindHighestVersionAsync("shop"));
        Assert.True((await members.GetEntityIfExistsAsync<TableEntity>("cluster", "last")).HasValue);
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("STOP")]
    public async Task Watch_EmulatorDiesOrHangs_TellsAndStartsItAgainWhereItWas(string signal)
    {
        var azurite = await AzuriteProcess.StartAsync(new AzuriteOptions { DataFolder = Data });
        var (endpoint, process) = (azurite.Endpoint, azurite.ProcessId);
        var container = BlobClients.Create(azurite.ConnectionString).GetBlobContainerClient("kept");
        await container.CreateAsync();
        var (away, back) = (new TaskCompletionSource<string>(), new TaskCompletionSource());
        await using var watch = new StoreWatch(endpoint, azurite, sentence => (sentence.EndsWith("again.", StringComparison.Ordinal) && away.Task.IsCompleted
            ? (Action)(() => back.TrySetResult()) : () => away.TrySetResult(sentence))(), s_quick);
        Assert.Null(watch.Problem);

        await SignalAsync(signal, azurite);

        Assert.Contains("the st", (await away.Task.WaitAsync(s_patience)).ToLowerInvariant(), StringComparison.Ordinal);
        await back.Task.WaitAsync(s_patience);
        Assert.Null(watch.Problem);
        Assert.Equal(endpoint, azurite.Endpoint);
        Assert.NotEqual(process, azurite.ProcessId);
        Assert.True(await container.ExistsAsync());
    }

    [Fact]
    public void Watch_AsItIsSet_KnowsOfASilentStoreWithinTenSeconds()
    {
        var times = new StoreWatchTimes();

        var look = times.Interval + times.Attempt;

        Assert.True(times.Notice <= look && 2 * look < TimeSpan.FromSeconds(10)); // the second look that fails tells it at the latest
        Assert.True(times.Notice < times.Restart);
    }

    [Fact]
    public async Task Emulator_CannotSave_RefusesChangesUntilItCan()
    {
        await using var azurite = await AzuriteProcess.StartAsync(new AzuriteOptions { DataFolder = Data });
        await using var watch = new StoreWatch(azurite.Endpoint, null, _ => { });
        var client = BlobClients.Create(azurite.ConnectionString);
        await client.GetBlobContainerClient("first").CreateAsync();
        var obstacle = Directory.CreateDirectory(Path.Combine(Data, "__azurite_db_blob__.json~")); // where it writes before it renames
        await Assert.ThrowsAnyAsync<Exception>(() => TableClients.Create(azurite.ConnectionString).CreateTableAsync("Members")); // has everything written
        await UntilAsync(() => azurite.SaveFailed is not null);

        var refused = await Assert.ThrowsAsync<IOException>(() => client.GetBlobContainerClient("second").CreateAsync());
        Assert.Same(refused, FullStore.CauseOf(new AggregateException(new InvalidOperationException("outer", refused))));
        Assert.Equal("The disk of the storage emulator is full, or its folder cannot be written.", Failure.CauseOf(refused));
        Assert.True(await client.GetBlobContainerClient("first").ExistsAsync());

        obstacle.Delete();
        await UntilAsync(() => azurite.SaveFailed is null);
        await client.GetBlobContainerClient("second").CreateAsync();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!condition())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private static async Task SignalAsync(string signal, AzuriteProcess azurite)
    {
        using var kill = Process.Start("kill", [$"-{signal}", azurite.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync().WaitAsync(s_patience);
    }
}
