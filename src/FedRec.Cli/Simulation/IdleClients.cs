using System.Globalization;
using FedRec.Contracts.Clients;
using Orleans.Core.Internal;

namespace FedRec.Cli.Simulation;

/// <summary>Measures what a client costs that is not doing anything: its grain in memory.</summary>
/// <remarks>All clients are active after an evaluation. They are put away, and what the heap lost is theirs. The interactions are not in
/// it: they are stored once for all clients of a silo.</remarks>
internal static class IdleClients
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);
    private const int Polls = 500;

    /// <summary>Managed bytes per client; null when the clients did not go away in time.</summary>
    public static async Task<double?> MeasureAsync(IGrainFactory grains, string federation, int clients, CancellationToken cancellationToken)
    {
        if (await CountAsync(grains) < clients)
        {
            return null; // some were put away already: the difference would be too small
        }

        var active = GC.GetTotalMemory(forceFullCollection: true);
        await Task.WhenAll(Enumerable.Range(0, clients).Select(number => PutAwayAsync(grains, federation, number)));
        for (var poll = 0; await CountAsync(grains) > 0; poll++)
        {
            if (poll == Polls)
            {
                return null;
            }

            await Task.Delay(s_poll, cancellationToken);
        }

        return Math.Max(0, active - GC.GetTotalMemory(forceFullCollection: true)) / (double)clients;
    }

    private static async Task PutAwayAsync(IGrainFactory grains, string federation, int number)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{federation}/{number}");
        await grains.GetGrain<IClientGrain>(key).AsReference<IGrainManagementExtension>().DeactivateOnIdle();
    }

    private static async Task<int> CountAsync(IGrainFactory grains)
    {
        var statistics = await grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics();
        return statistics.Where(s => s.GrainType.Contains("ClientGrain", StringComparison.Ordinal)).Sum(s => s.ActivationCount);
    }
}
