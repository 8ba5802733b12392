using System.Globalization;
using FedRec.Contracts.Clients;
using Orleans.Core.Internal;

namespace FedRec.Cli.Simulation;

/// <summary>Measures what a client costs that is not doing anything: its grain in memory.</summary>
/// <remarks>Some thousands are made active, and put away: what the heap lost is theirs. The interactions are not in it: they are stored once for all clients of a silo.</remarks>
internal static class IdleClients
{
    private const int Most = 5_000;
    private const int Polls = 500;
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Managed bytes per client; null when the clients did not go away in time.</summary>
    /// <param name="grains">Of the silo of this process, the only one.</param>
    /// <param name="runKey">A run of theirs.</param>
    /// <param name="clients">Clients of the federation.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<double?> MeasureAsync(IGrainFactory grains, string runKey, int clients, CancellationToken cancellationToken)
    {
        var federation = runKey[..runKey.IndexOf('/', StringComparison.Ordinal)];
        IClientGrain[] sample = [.. Enumerable.Range(0, Math.Min(clients, Most))
            .Select(number => grains.GetGrain<IClientGrain>(string.Create(CultureInfo.InvariantCulture, $"{federation}/{number}")))];
        await Task.WhenAll(sample.Select(client => client.DescribeDataAsync(runKey, null, cancellationToken)));
        var (all, active) = (await CountAsync(grains), GC.GetTotalMemory(forceFullCollection: true));
        await Task.WhenAll(sample.Select(client => client.AsReference<IGrainManagementExtension>().DeactivateOnIdle().AsTask()));
        for (var poll = 0; await CountAsync(grains) > all - sample.Length; poll++)
        {
            if (poll == Polls)
            {
                return null;
            }

            await Task.Delay(s_poll, cancellationToken);
        }

        return Math.Max(0, active - GC.GetTotalMemory(forceFullCollection: true)) / (double)sample.Length;
    }

    private static async Task<int> CountAsync(IGrainFactory grains)
    {
        var statistics = await grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics();
        return statistics.Where(s => s.GrainType.Contains("ClientGrain", StringComparison.Ordinal)).Sum(s => s.ActivationCount);
    }
}
