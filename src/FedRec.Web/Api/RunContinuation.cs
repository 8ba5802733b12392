using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;

namespace FedRec.Web.Api;

/// <summary>Goes on where a run stands: an unfinished one is driven on, and one that was stopped or has failed is followed by another.</summary>
/// <remarks>What a run that has ended keeps is the version that it published, and nothing else: its checkpoints are gone. So the run that follows is one of its own,
/// with the same settings. It begins with that version's parameters, with fresh moments of the server's optimizer, and counts its rounds from 1.</remarks>
internal static class RunContinuation
{
    /// <summary>Has the run go on, or starts the one that follows it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="federation">Its federation.</param>
    /// <param name="status">Where the run stands.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>As of a start; <see cref="RunOutcome.Resumed"/> for a run that had not ended.</returns>
    /// <exception cref="ProblemException">There is nothing left to do, or nothing to begin with.</exception>
    public static async Task<RunReceipt> ResumeAsync(IRunGrain run, IFederationGrain federation, RunStatus status, CancellationToken cancellationToken)
    {
        if (status.Phase is RunPhase.Loading)
        {
            return new RunReceipt(RunOutcome.Resumed, status.RunId, $"Run {status.RunId} is about to start; its data is being read.");
        }

        if (status.Phase is RunPhase.Pending or RunPhase.Running)
        {
            await run.ResumeAsync(cancellationToken);
            return new RunReceipt(RunOutcome.Resumed, status.RunId, $"Run {status.RunId} is at round {status.RoundsDone} of {status.Request.Rounds.Count}; it goes on.");
        }

        return await federation.StartRunAsync(Following(status), cancellationToken);
    }

    /// <summary>The request of the run that follows one that has ended.</summary>
    /// <exception cref="ProblemException">There is nothing left to do, or nothing to begin with.</exception>
    public static RunRequest Following(RunStatus status)
    {
        var (id, left) = (status.RunId, status.Request.Rounds.Count - status.RoundsDone);
        return status switch
        {
            { Phase: RunPhase.Completed } => throw Conflict($"Run '{id}' has ended well after {status.RoundsDone} rounds; start another one, with 'warmStart' {status.Version} to begin where it ended."),
            { Version: 0 } => throw Conflict($"Run '{id}' has published no version to go on from ({status.Reason?.TrimEnd('.') ?? "no reason given"}); start it again."),
            { Request.Privacy: not null } => throw Conflict($"Run '{id}' is private and has ended; a run that follows spends an ε of its own beside what was spent. Start one with 'warmStart' {status.Version} and the ε that you allow it."),
            _ when left <= 0 => throw Conflict($"Run '{id}' has done all its {status.RoundsDone} rounds; start another one, with 'warmStart' {status.Version} to begin where it ended."),
            _ => status.Request with { WarmStart = status.Version, WarmStartFrom = null, Rounds = status.Request.Rounds with { Count = left } },
        };
    }

    private static ProblemException Conflict(string detail) => ProblemException.Conflict("Nothing to resume", detail);
}
