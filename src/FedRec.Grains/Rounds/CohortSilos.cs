using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Rounds;
using FedRec.Grains.Training;

namespace FedRec.Grains.Rounds;

/// <summary>The silos that carry a round's updates. All are called at once and within one bound, so that a silent one holds nobody up for longer.</summary>
/// <remarks>Used on the round grain's scheduler only, hence without locks.</remarks>
/// <param name="order">The round.</param>
/// <param name="on">The local aggregation of a silo.</param>
/// <param name="time">The clock of the bound.</param>
/// <param name="log">Names silos that do not answer.</param>
internal sealed partial class CohortSilos(RoundOrder order, Func<SiloAddress, ILocalAggregator> on, TimeProvider time, ILogger log)
{
    private const long BytesPerSecond = 16 << 20; // far less than any network that silos share
    private readonly HashSet<SiloAddress> _silos = [];
    private HashSet<SiloAddress> _lost = [];

    /// <summary>How long a silo may take to send what it has summed.</summary>
    public TimeSpan Bound { get; } = TimeSpan.FromSeconds(10 + (sizeof(long) * (double)order.UpdateLength / BytesPerSecond));

    /// <summary>Notes that a silo carries updates.</summary>
    public void Add(SiloAddress silo) => _silos.Add(silo);

    /// <summary>Has a silo train clients of a simulation.</summary>
    /// <returns>False when it does not answer, or cannot.</returns>
    public Task<bool> TrainAsync(SiloAddress silo, TrainOrder train, ImmutableArray<int> clients)
    {
        _silos.Add(silo);
        return TryAsync(silo, async one =>
        {
            await one.TrainAsync(train, new ClientBatch(clients));
            return true;
        });
    }

    /// <summary>Has clients of a silo take a step of secure aggregation.</summary>
    /// <returns>False when it does not answer, or knows nothing of it.</returns>
    public Task<bool> SecureAsync(SiloAddress silo, SecureCall call) => TryAsync(silo, one => one.SecureAsync(call));

    /// <summary>Has every silo send what it has summed.</summary>
    /// <param name="evenIfBusy">Also where clients are still training.</param>
    public Task FlushAsync(bool evenIfBusy) => CallAsync(silo => silo.FlushAsync(order.RunKey, order.Round, evenIfBusy));

    /// <summary>Silos that did not answer a call or know nothing of the round, since they were taken the last time: what they carried has to be asked for again.</summary>
    public HashSet<SiloAddress> TakeLost()
    {
        (var lost, _lost) = (_lost, []);
        return lost;
    }

    /// <summary>Tells every silo that the round has closed; one that is gone has forgotten it.</summary>
    public Task ForgetAsync() => CallAsync(async silo =>
    {
        await silo.ForgetAsync(order.RunKey, order.Round);
        return true;
    });

    private Task<bool[]> CallAsync(Func<ILocalAggregator, Task<bool>> call) => Task.WhenAll(_silos.ToArray().Select(silo => TryAsync(silo, call)));

    private async Task<bool> TryAsync(SiloAddress silo, Func<ILocalAggregator, Task<bool>> call)
    {
        try
        {
            if (await call(on(silo)).WaitAsync(Bound, time))
            {
                return true;
            }
        }
        catch (Exception exception) // whatever a silo that stops says: others do its work
        {
            LogSiloLost(order.RunKey, order.Round, silo, exception);
            _silos.Remove(silo);
        }

        _lost.Add(silo);
        return false;
    }

    [LoggerMessage(LogLevel.Warning, "Run {Run}, round {Round}: silo {Silo} does not answer")]
    private partial void LogSiloLost(string run, int round, SiloAddress silo, Exception exception);
}
