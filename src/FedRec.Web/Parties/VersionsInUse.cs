using System.Collections.Concurrent;
using FedRec.Contracts.Models;

namespace FedRec.Web.Parties;

/// <summary>Which version of a federation is in use, for answers to polls: looked up once in a second, however many parties ask.</summary>
internal sealed class VersionsInUse(IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan s_age = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, (long Version, long At)> _known = new(); // of federations with parties that were let in

    /// <summary>The version in use; 0 for none.</summary>
    public async ValueTask<long> OfAsync(string federation)
    {
        if (_known.TryGetValue(federation, out var known) && time.GetElapsedTime(known.At) < s_age)
        {
            return known.Version;
        }

        var version = (await grains.GetGrain<IModelGrain>(federation).GetSummaryAsync()).Serving;
        _known[federation] = (version, time.GetTimestamp());
        return version;
    }
}
