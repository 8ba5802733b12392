using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FedRec.Cli.Hosting;

/// <summary>Joins the silo of another FedRec process on this machine.</summary>
internal static class ClusterClient
{
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(15);

    /// <param name="owner">Its process.</param>
    /// <param name="dataHome">The data folder that both use.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CliException">The silo does not answer.</exception>
    public static async Task<FedRecSession> ConnectAsync(Instance owner, string dataHome, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client => client.UseLocalhostClustering(owner.GatewayPort, SiloSetup.ServiceId, SiloSetup.ClusterId(dataHome)));
        var host = builder.Build();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_connectLimit);
        try
        {
            await host.StartAsync(limit.Token);
            return new FedRecSession(host, null, null, owner.Web is null ? null : new Uri(owner.Web), ownsSilo: false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            host.Dispose();
            throw new CliException(ExitCode.StoreUnreachable, $"'fedrec {owner.Verb}' (process {owner.ProcessId}) owns the store, but its silo does not answer on port {owner.GatewayPort}.",
                "Stop that process and run the command again.", e);
        }
    }
}
