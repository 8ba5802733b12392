using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using Microsoft.Extensions.Hosting;

namespace FedRec.Grains.Runs;

/// <summary>Has the runs go on that nobody drives: when this silo has started, those that a crash left unfinished; when another one is gone, those that it drove.</summary>
/// <remarks>Beside everything else, as the grains that it asks may be where the silo is that is gone: calls to them fail until all have heard of its end. Every
/// silo that is left asks for it, as none knows which others will be there; a run that goes on already stays as it is. It is asked for until it can be, however long the store
/// is away: runs go on within seconds of its return. A run's reminder does the same, within a minute.</remarks>
internal sealed partial class UnfinishedRuns(ISiloStatusOracle members, IGrainFactory grains, IHostApplicationLifetime host, TimeProvider time, ILogger<UnfinishedRuns> log)
    : ILifecycleParticipant<ISiloLifecycle>, ISiloStatusListener
{
    private const int ToldAfter = 30;
    private const int LongestPause = 5;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly Lock _one = new();
    private bool _isAsking; // somebody tries again
    private bool _isMissed; // somebody else has left it to that one

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe<UnfinishedRuns>(
        ServiceLifecycleStage.Active,
        async starting =>
        {
            members.SubscribeToSiloStatusEvents(this);
            await Task.WhenAny(ResumeAsync(), Task.Delay(s_patience, time, starting)); // before the silo answers, unless others keep it waiting
        },
        _ =>
        {
            members.UnSubscribeFromSiloStatusEvents(this);
            return Task.CompletedTask;
        });

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Dead)
        {
            ResumeAsync().Ignore();
        }
    }

    /// <summary>Asks until all could be asked; one that asks again and again is enough.</summary>
    public async Task ResumeAsync()
    {
        var asksAgain = false;
        for (var attempt = 1; !host.ApplicationStopping.IsCancellationRequested; attempt++)
        {
            try
            {
                await ResumeOnceAsync();
                if (!asksAgain || IsLast())
                {
                    return;
                }
            }
            catch (Exception exception)
            {
                if (!asksAgain && !IsFirst())
                {
                    return; // another one asks after this
                }

                asksAgain = true;
                LogTriedAgain(attempt, exception);
                if (attempt == ToldAfter)
                {
                    LogWaiting(exception);
                }
            }

            await Task.Delay(TimeSpan.FromSeconds(Math.Min(attempt, LongestPause)), time, host.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Whether nobody else is trying again, who would do it for this one too.
    private bool IsFirst()
    {
        lock (_one)
        {
            _isMissed |= _isAsking;
            return !_isAsking && (_isAsking = true);
        }
    }

    // Whether nobody has left it to this one since it last began to ask.
    private bool IsLast()
    {
        lock (_one)
        {
            (_isAsking, _isMissed) = (_isMissed, false);
            return !_isAsking;
        }
    }

    private async Task ResumeOnceAsync()
    {
        foreach (var name in await grains.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).ListAsync().WaitAsync(s_patience, time))
        {
            var summary = await grains.GetGrain<IFederationGrain>(name).GetSummaryAsync().WaitAsync(s_patience, time);
            if (summary.ActiveRun is { } runId && summary.Runs.Contains(runId))
            {
                await grains.GetGrain<IRunGrain>(GrainKeys.Run(name, runId)).ResumeAsync().WaitAsync(s_patience, time);
                LogResumed(name, runId);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Run {Run} of {Federation} is unfinished; it goes on")]
    private partial void LogResumed(string federation, string run);

    [LoggerMessage(LogLevel.Debug, "Unfinished runs could not be resumed at attempt {Attempt}")]
    private partial void LogTriedAgain(int attempt, Exception exception);

    [LoggerMessage(LogLevel.Warning, "Unfinished runs cannot be gone on with yet; it is tried again every few seconds")]
    private partial void LogWaiting(Exception exception);
}
