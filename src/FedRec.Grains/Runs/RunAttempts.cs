using System.Collections.Concurrent;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;

namespace FedRec.Grains.Runs;

/// <summary>Drives a run until it has ended, and takes it up again after a failure that may pass.</summary>
/// <remarks>Works on the run grain's scheduler. Where it goes on after a failure is the matter of <see cref="RunDriver"/>, which each attempt makes anew.</remarks>
internal sealed partial class RunAttempts(string runKey, RunJournal journal, RunServices services, IGrainFactory grains, Func<bool> stopRequested, ILogger log)
{
    private const int MaxAttempts = 5;
    private const int MaxAttemptsInOutage = 60; // ten minutes
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);
    private RunDriver? _driver;

    /// <summary>The parameters that clients may need; null where nobody drives the run.</summary>
    public OfferedParameters? Offered => _driver?.Offered;

    /// <summary>Drives the run to its end, which may be a failure that has been recorded.</summary>
    /// <param name="deactivating">The activation stops.</param>
    /// <returns>False when the silo or the activation stops, or is no longer reached: the run goes on elsewhere, or later.</returns>
    /// <exception cref="Exception">Even the end could not be stored.</exception>
    public async Task<bool> DriveAsync(CancellationToken deactivating)
    {
        // A silo that stops first refuses calls and only then ends its activations: both mean that the run goes on elsewhere, or later.
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(deactivating, services.Lifetime.ApplicationStopping);
        for (var attempt = 1; !journal.Ended; attempt++)
        {
            var before = journal.RoundsDone;
            try
            {
                await DriveOnceAsync(stopping.Token);
            }
            catch (Exception exception) when (stopping.IsCancellationRequested)
            {
                LogDriverStopped(runKey, exception);
                return false;
            }
            catch (Exception exception) when (IsTransient(exception) && (attempt < (IsOutage(exception) ? MaxAttemptsInOutage : MaxAttempts) || journal.RoundsDone > before))
            {
                LogDriverInterrupted(runKey, attempt, exception);
                attempt = journal.RoundsDone > before ? 1 : attempt; // what is counted are failures without a round between them
                journal.Loading($"Interrupted after round {journal.RoundsDone} ({DataNotUsableException.MessageOf(exception)}); it is tried again.");
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(attempt, s_longestPause.TotalSeconds)), services.Time, stopping.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            }
            catch (Exception exception)
            {
                LogDriverFailed(runKey, exception);
                await journal.EndAsync(new RunEnding(RunPhase.Failed, RunStopReason.Error, DataNotUsableException.MessageOf(FullStore.CauseOf(exception) ?? exception)), services.Time.GetUtcNow());
            }
        }

        return true;
    }

    private async Task DriveOnceAsync(CancellationToken stopping)
    {
        journal.Loading("Reading the data.");
        var run = await services.Contexts.GetAsync(runKey, CancellationToken.None).WaitAsync(stopping);
        await journal.BeginAttemptAsync(run.Data.Numbered.Value);
        _driver = new RunDriver(run, journal, services, grains, stopRequested);
        await _driver.DriveAsync(stopping);
    }

    // Silos and stores come back, sooner or later; whatever else fails again and again is a fault of the program or of a setting.
    private static bool IsOutage(Exception exception) => exception is OrleansException or TimeoutException or IOException or HttpRequestException;

    // Wrong data and corrupt models stay wrong, and a full disk full; storage and network may come back.
    private static bool IsTransient(Exception exception) =>
        exception is not (ArgumentException or InvalidDataException or ArithmeticException) && FullStore.CauseOf(exception) is null;

    [LoggerMessage(LogLevel.Warning, "Run {Run} was interrupted (attempt {Attempt}); it goes on from its last checkpoint")]
    private partial void LogDriverInterrupted(string run, int attempt, Exception exception);

    [LoggerMessage(LogLevel.Debug, "Run {Run} pauses: its silo or its activation stops")]
    private partial void LogDriverStopped(string run, Exception exception);

    [LoggerMessage(LogLevel.Error, "Run {Run} has failed")]
    private partial void LogDriverFailed(string run, Exception exception);
}

/// <summary>Which unfinished runs a silo drives. One that serves goes on with all; one that answers a question, or trains something else, with those alone
/// that were started or taken up again on it: a question never resumes training.</summary>
/// <param name="byItself">Whether the silo goes on with runs that nobody has asked it to train.</param>
internal sealed class RunResumption(bool byItself)
{
    private readonly ConcurrentDictionary<string, bool> _asked = new();

    /// <summary>Notes that somebody wants a run to go on.</summary>
    public void Ask(string runKey) => _asked[runKey] = true;

    /// <summary>Whether a run goes on when its grain is activated or reminded.</summary>
    public bool Allows(string runKey) => byItself || _asked.ContainsKey(runKey);
}
