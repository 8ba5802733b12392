using System.Collections.Concurrent;
using Orleans.Concurrency;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace FedRec.Grains.Parties;

/// <summary>The activations of this silo that have, or are about to read, an organisation's data.</summary>
/// <remarks>Each is noted before the registry is asked where it may be: so a label that changes meanwhile is either seen, or the activation is ended with the others.</remarks>
internal sealed class PlacedParties(PartyLabels labels, TimeProvider time)
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<IGrainContext, (string Federation, string Party)> _placed = new();

    private static DeactivationReason Reason => new(DeactivationReasonCode.ApplicationRequested, "Its party is bound to other silos.");

    /// <summary>Activations of some parties.</summary>
    public int CountOf(string federation, IReadOnlyCollection<string> parties) => _placed.Values.Count(place => place.Federation == federation && parties.Contains(place.Party));

    /// <summary>Notes an activation before it reads an organisation's data; one that must not be here ends, and what waits for it is placed anew.</summary>
    /// <returns>False when the data must not be read here.</returns>
    public async Task<bool> TryEnterAsync(Grain grain, string federation, string party)
    {
        var isNew = _placed.TryAdd(grain.GrainContext, (federation, party));
        labels.Forget(federation); // asked of the registry, each time
        try
        {
            return await StaysAsync(grain, federation, party);
        }
        catch when (isNew)
        {
            Leave(grain); // nobody knows whether it may be here, so it reads nothing
            throw;
        }
    }

    /// <summary>Ends an activation that must not be here, as far as the silo knows: whoever remembers where a grain was calls it there, and it is made there without being placed.</summary>
    public async Task<bool> StaysAsync(Grain grain, string federation, string party)
    {
        if (!await labels.IsElsewhereAsync(federation, party))
        {
            return true;
        }

        Leave(grain);
        grain.GrainContext.Deactivate(Reason);
        return false;
    }

    /// <summary>An activation has ended.</summary>
    public void Leave(Grain grain) => _placed.TryRemove(grain.GrainContext, out _);

    /// <summary>Ends the activations that may not be here any more, once they have answered what they were asked.</summary>
    /// <exception cref="TimeoutException">Some are still busy.</exception>
    public async Task LetGoAsync(string federation)
    {
        labels.Forget(federation);
        foreach (var (grain, place) in _placed.Where(one => one.Value.Federation == federation))
        {
            if (await labels.IsElsewhereAsync(federation, place.Party))
            {
                grain.Deactivate(Reason);
                await grain.Deactivated.WaitAsync(s_wait, time);
            }
        }
    }
}

/// <summary>Tells a silo that labels of a federation have changed.</summary>
internal interface ILocalParties : IGrainService
{
    /// <summary>Ends the activations that may not be on the silo any more; when it returns they have let go of their data.</summary>
    [Alias("let-go"), ResponseTimeout("00:01:00")]
    Task LetGoAsync(string federation);
}

/// <summary>The grain service of one silo; reentrant, because all it does is pass the call on.</summary>
[Reentrant]
internal sealed class LocalParties(GrainId id, Silo silo, ILoggerFactory loggers, PlacedParties placed) : GrainService(id, silo, loggers), ILocalParties
{
    public Task LetGoAsync(string federation) => placed.LetGoAsync(federation);
}

/// <summary>Reaches the parties of a given silo.</summary>
internal sealed class SiloParties(IServiceProvider services) : GrainServiceClient<ILocalParties>(services)
{
    public ILocalParties On(SiloAddress silo) => GetGrainService(silo);
}
