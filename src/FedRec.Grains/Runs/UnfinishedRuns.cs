using System.Collections.Concurrent;
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
