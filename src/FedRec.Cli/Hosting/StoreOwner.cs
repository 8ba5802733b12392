using FedRec.Cli.Azurite;

namespace FedRec.Cli.Hosting;

/// <summary>Opens the durable store of this process: starts the emulator where it is wanted, and checks that the store answers.</summary>
internal static class StoreOwner
{
    /// <param name="context">Terminal and configuration.</param>
    /// <param name="plan">What the verb needs.</param>
    /// <param name="stores">Connected when this is done.</param>
    /// <param name="cancellationToken">Gives up; nothing stays running.</param>
    /// <returns>What watches the store and stops it; null for one in memory.</returns>
    /// <exception cref="CliException">The store does not answer.</exception>
    /// <exception cref="StorageSetupException">The emulator cannot be installed or started.</exception>
    public static async Task<StoreWatch?> OpenAsync(CommandContext context, SessionPlan plan, Stores stores, CancellationToken cancellationToken)
    {
        if (plan.Storage == "memory")
        {
            return null;
        }

        if (plan.Storage == "blob")
        {
            return new StoreWatch(await stores.ConnectAsync(plan.Settings.Storage.ConnectionString, cancellationToken), null, context.Say);
        }

        var home = DataHome.Folder(context.Terminal);
        var emulator = await AzuriteProcess.StartAsync(
            new AzuriteOptions
            {
                DataFolder = Path.Combine(home, "blobs"),
                InstallFolder = Path.Combine(home, "tools"),
                SearchPath = context.Terminal.Variable("PATH") ?? "",
            },
            new SetupProgress(context), cancellationToken);
        try
        {
            return new StoreWatch(await stores.ConnectAsync(emulator.ConnectionString, cancellationToken), emulator, context.Say);
        }
        catch
        {
            await emulator.DisposeAsync();
            throw;
        }
    }
}
