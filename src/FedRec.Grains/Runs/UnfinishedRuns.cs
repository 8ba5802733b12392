using FedRec.Contracts.Federations;

namespace FedRec.Grains.Runs;

/// <summary>When a silo has started, goes on with the runs that a crash left unfinished.</summary>
internal sealed partial class UnfinishedRuns(IGrainFactory grains, ILogger<UnfinishedRuns> log) : IStartupTask
{
    public async Task Execute(CancellationToken cancellationToken)
    {
        foreach (var runKey in await grains.GetGrain<IFederationDirectoryGrain>(IFederationDirectoryGrain.Key).ResumeUnfinishedAsync(cancellationToken))
        {
            LogResumed(runKey);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Run {Run} was unfinished; it goes on")]
    private partial void LogResumed(string run);
}
