using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;
using Microsoft.Extensions.Hosting;

namespace FedRec.Grains.Runs;

/// <summary>Has the runs go on that nobody drives: when this silo has started, those that a crash left unfinished; when another one is gone, those that it drove.</summary>
/// <remarks>Beside everything else, as the grains that it asks may be where the silo is that is gone: calls to them fail until all have heard of its end. Every
/// silo that is left asks for it, as none knows which others will be there; a run that goes on already stays as it is. A run's reminder does the same, within a minute.</remarks>
internal sealed partial class UnfinishedRuns(ISiloStatusOracle members, IGrainFactory grains, IHostApplicationLifetime host, TimeProvider time, ILogger<UnfinishedRuns> log)
    : ILifecycleParticipant<ISiloLifecycle>, ISiloStatusListener
{
    private const int Attempts = 30;
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

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

    /// <summary>Asks until all could be asked, for a while.</summary>
    public async Task ResumeAsync()
    {
        for (var attempt = 1; !host.ApplicationStopping.IsCancellationRequested; attempt++)
        {
            try
            {
                await ResumeOnceAsync();
                return;
            }
            catch (Exception exception) when (attempt < Attempts)
            {
                LogTriedAgain(attempt, exception);
            }
            catch (Exception exception)
            {
                LogLeft(exception);
                return;
            }

            await Task.Delay(s_pause, time, host.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

    [LoggerMessage(LogLevel.Warning, "Unfinished runs could not be resumed; their reminders try it again")]
    private partial void LogLeft(Exception exception);
}
