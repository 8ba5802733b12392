using System.CommandLine;
using FedRec.Cli;
using FedRec.Cli.Hosting;
using FedRec.Integration.Tests.Storage;

namespace FedRec.Integration.Tests.Cli;

/// <summary>A silo that owns a store, with a small federation that a command beside it has trained.</summary>
public sealed class OwnerFixture(AzuriteFixture azurite) : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private FedRecSession _session = null!;

    internal string Folder => _folder.Path;

    public async Task InitializeAsync()
    {
        var context = new CommandContext(CommandRun.Terminal(Folder, variables: azurite.Variables(_folder)), new RootCommand().Parse(""));
        _session = await FedRecSession.OpenAsync(context, new SessionPlan("demo", context.Settings, "blob") { Stays = true }, CancellationToken.None);
        var trained = await RunAsync(
            "simulate", "--clients", "60", "--items", "40", "--rounds", "3", "--seeds", "3", "--dims", "8", "--federation", "shop", "--recs", "0", "--baselines", "none");
        Assert.True(trained.ExitCode == ExitCode.Ok, trained.Error);
    }

    public async Task DisposeAsync() => await _session.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    internal Task<CommandRun> RunAsync(params string[] line) => CommandRun.OfAsync(Folder, azurite.Variables(_folder), line);
}
