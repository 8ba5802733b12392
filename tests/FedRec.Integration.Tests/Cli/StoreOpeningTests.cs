using System.CommandLine;
using FedRec.Cli;
using FedRec.Cli.Hosting;
using FedRec.Hosting;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>A silo is put together while its emulator starts: nothing of it asks for the store before that is there.</summary>
public sealed class StoreOpeningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(null, true)]
    [InlineData(null, false)]
    [InlineData(0, false)]
    public async Task Start_WhileTheStoreOpens_IsReadyUpToIt(int? webPort, bool trainsLong)
    {
        var context = new CommandContext(CommandRun.Terminal(_folder.Path), new RootCommand().Parse(""));
        var plan = new SessionPlan("demo", context.Settings, "azurite") { WebPort = webPort, TrainsLong = trainsLong };
        var opening = new TaskCompletionSource<StoreWatch?>();

        await using var store = StoreAccess.StoreOf(context, plan);
        store.Opening(opening.Task);

        var starting = SiloLauncher.StartAsync(context, plan, store, CancellationToken.None);

        Assert.False(starting.IsCompleted); // it waits for the store, and for nothing else
        var failure = new StorageSetupException("The store does not answer.", "Start it.");
        opening.SetException(failure);
        Assert.Same(failure, await Assert.ThrowsAsync<StorageSetupException>(() => starting));
    }
}
