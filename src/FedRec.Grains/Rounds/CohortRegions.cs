using FedRec.Contracts.Rounds;

namespace FedRec.Grains.Rounds;

/// <summary>The regions of a round: told whom to expect, and asked for what they have. One that does not answer costs its own clients only.</summary>
/// <remarks>Used on the round grain's scheduler only, hence without locks.</remarks>
/// <param name="order">The round.</param>
/// <param name="grains">Reaches the regions.</param>
/// <param name="log">Names regions that do not answer.</param>
internal sealed partial class CohortRegions(RoundOrder order, IGrainFactory grains, ILogger log)
{
    private readonly HashSet<int> _regions = [];

    private int Regions => order.Settings.Regions ?? 0;

    /// <summary>The region of a client, from 1; 0 where there are none.</summary>
    public int Of(int client) => GrainKeys.RegionOf(client, Regions);

    /// <summary>Tells the regions of some clients to expect them.</summary>
    /// <returns>Regions that do not answer.</returns>
    public Task<HashSet<int>> OpenAsync(IEnumerable<int> clients)
    {
        var byRegion = Regions == 0 ? [] : clients.GroupBy(Of).ToDictionary(region => region.Key, region => region.ToArray());
        _regions.UnionWith(byRegion.Keys);
        return CallAsync(byRegion.Keys, async (region, number) =>
        {
            await region.OpenAsync(new RegionOrder
            {
                RunKey = order.RunKey,
                Round = order.Round,
                BaseVersion = order.BaseVersion,
                Clients = [.. byRegion[number]],
                UpdateLength = order.UpdateLength,
                FractionBits = order.FractionBits,
                Aggregator = order.Settings.Aggregator,
                Trim = order.Settings.Trim,
                Epoch = order.Epoch,
            });
            return true;
        });
    }

    /// <summary>Has every region send what it has.</summary>
    /// <returns>Regions that know nothing of the round or do not answer.</returns>
    public Task<HashSet<int>> FlushAsync() => CallAsync(_regions, (region, _) => region.FlushAsync(order.Round));

    private async Task<HashSet<int>> CallAsync(IEnumerable<int> regions, Func<IRegionGrain, int, Task<bool>> call)
    {
        var numbers = regions.ToArray();
        var answers = await Task.WhenAll(numbers.Select(number => TryAsync(number, call)));
        return [.. numbers.Where((_, i) => !answers[i])];
    }

    private async Task<bool> TryAsync(int number, Func<IRegionGrain, int, Task<bool>> call)
    {
        try
        {
            return await call(grains.GetGrain<IRegionGrain>(GrainKeys.Region(order.RunKey, number)), number);
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            LogRegionLost(order.RunKey, order.Round, number, exception);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Run {Run}, round {Round}: region {Region} does not answer")]
    private partial void LogRegionLost(string run, int round, int region, Exception exception);
}
