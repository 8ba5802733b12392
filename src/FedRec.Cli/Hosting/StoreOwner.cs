using FedRec.Cli.Azurite;

namespace FedRec.Cli.Hosting;

/// <summary>Opens the durable store of this process: starts the emulator where it is wanted, and checks that the store answers.</summary>
internal static class StoreOwner
{
    /// <param name="context">Terminal and configuration.</param>
    /// <param name="plan">What the verb needs.</param>
    /// <param name="cancellationToken">Gives up; nothing stays running.</param>
    /// <returns>The stores, and what watches and stops them.</returns>
    /// <exception cref="CliException">The store does not answer.</exception>
    /// <exception cref="StorageSetupException">The emulator cannot be installed or started.</exception>
    public static async Task<(Stores Stores, StoreWatch Running)> OpenAsync(CommandContext context, SessionPlan plan, CancellationToken cancellationToken)
    {
        var options = plan.Settings.Storage;
        if (plan.Storage == "blob")
        {
            var stores = await Stores.OpenAsync(options.ConnectionString, options, plan.TrainsLong, cancellationToken);
            return (stores, new StoreWatch(stores.Service!, null, context.Say));
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
            return (await Stores.OpenAsync(emulator.ConnectionString, options, plan.TrainsLong, cancellationToken), new StoreWatch(emulator.Endpoint, emulator, context.Say));
        }
        catch
        {
            await emulator.DisposeAsync();
            throw;
        }
    }
}
