using FedRec.Contracts.Runs;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>Has every silo read a run's data before a round or an evaluation begins: its clients would miss the deadline while it does.</summary>
internal sealed partial class SiloPreparation(LocalAggregators aggregators, ISiloStatusOracle silos, TimeProvider time, ILogger<SiloPreparation> log)
{
    private const int MaxFailures = 10;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>Refuses a request that names what some silo has not: its clients could take no part.</summary>
    /// <exception cref="ArgumentException">Says which silo, and what it lacks.</exception>
    public async Task ThrowIfMissingAsync(RunRequest request, RunSource source)
    {
        foreach (var silo in Active())
        {
            try
            {
                if (await aggregators.On(silo).FindMissingAsync(request, source) is { } missing)
                {
                    var unknown = request.Privacy is not null && missing.Contains(RunRequest.WithPrivacy, StringComparison.Ordinal) ? "differential privacy and would add no noise"
                        : request.Privacy is not null && missing.Contains(RunRequest.WithClientNoise, StringComparison.Ordinal) ? "noise of the clients and would send updates without it"
                        : request.PartyLabels is not null && missing.Contains(RunRequest.OfSelectedParties, StringComparison.Ordinal) ? "parties that are selected by labels and would ask all" : null;
                    throw new ArgumentException(unknown is not null
                        ? $"Silo {silo} is of an earlier release, which does not know {unknown}. Update or end it, and start the run again; nothing was started."
                        : $"Silo {silo}: {missing} What a run names must be added on every silo, where its host is built.");
                }
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException)
            {
                LogNoAnswer(request.Federation, silo, exception); // it is about to go, or is asked again before it trains
            }
        }
    }

    /// <summary>Waits until all active silos have the run.</summary>
    /// <param name="runKey">The run.</param>
    /// <param name="requestHash">Hash of the request that is stored with it.</param>
    /// <param name="done">Silos that were asked before; those asked now are added, also one that cannot read the data: its clients count as dropped.</param>
    /// <param name="tell">Told, for people, what is waited for and which silo has failed.</param>
    /// <param name="stopping">Gives up.</param>
    /// <exception cref="OperationCanceledException">The silo or the activation stops.</exception>
    public async Task PrepareAsync(string runKey, string requestHash, HashSet<SiloAddress> done, Action<string> tell, CancellationToken stopping)
    {
        var missing = Active().Where(silo => !done.Contains(silo)).ToArray();
        if (missing.Length == 0)
        {
            return;
        }

        tell(missing.Length == 1 ? "One silo reads the data." : $"{missing.Length} silos read the data.");
        await Task.WhenAll(missing.Select(silo => PrepareAsync(silo, runKey, requestHash, tell, stopping)));
        done.UnionWith(missing);
    }

    /// <summary>Tells all silos that a run has ended.</summary>
    public async Task ReleaseAsync(string runKey)
    {
        foreach (var silo in Active())
        {
            try
            {
                await aggregators.On(silo).ReleaseAsync(runKey);
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException)
            {
                LogNoAnswer(runKey, silo, exception); // what it keeps too long is pushed out by the federation's next run
            }
        }
    }

    private async Task PrepareAsync(SiloAddress silo, string runKey, string requestHash, Action<string> tell, CancellationToken stopping)
    {
        for (var failures = 0; failures < MaxFailures && Active().Contains(silo);)
        {
            stopping.ThrowIfCancellationRequested();
            try
            {
                if (await aggregators.On(silo).PrepareAsync(runKey, requestHash))
                {
                    return;
                }
            }
            catch (ArgumentException exception)
            {
                LogCannotTakePart(runKey, silo, exception.Message);
                tell($"Silo {silo} cannot take part: {DataNotUsableException.MessageOf(exception)}");
                return;
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException)
            {
                failures++;
                LogNoAnswer(runKey, silo, exception);
                await Task.Delay(s_pause, time, stopping);
            }
        }
    }

    private HashSet<SiloAddress> Active() => [.. silos.GetApproximateSiloStatuses(onlyActive: true).Keys];

    [LoggerMessage(LogLevel.Warning, "Run {Run}: silo {Silo} cannot take part: {Reason}")]
    private partial void LogCannotTakePart(string run, SiloAddress silo, string reason);

    [LoggerMessage(LogLevel.Warning, "Run {Run}: silo {Silo} does not answer")]
    private partial void LogNoAnswer(string run, SiloAddress silo, Exception exception);
}
