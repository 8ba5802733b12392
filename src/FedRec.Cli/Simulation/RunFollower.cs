using System.Text.Json.Serialization;
using FedRec.Cli.Output;
using FedRec.Cli.Runs;
using FedRec.Contracts.Federations;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Runs;
using FedRec.Grains.Requests;
using FedRec.Web.Api;

namespace FedRec.Cli.Simulation;

/// <summary>A run that the line asks for.</summary>
/// <param name="Data">What its federation is told to simulate before it starts; null where it knows, or where clients keep their data themselves.</param>
/// <param name="Request">How it trains.</param>
internal sealed record PlannedRun(DataSpec? Data, RunRequest Request)
{
    /// <summary>Whether validation interactions are held out.</summary>
    [JsonIgnore] public bool HoldsOut => RequestChecks.HoldsOut(Request);
}

/// <summary>Starts a run and watches it to its end.</summary>
internal sealed class RunFollower(IGrainFactory grains)
{
    private readonly HashSet<string> _said = [];

    /// <summary>Trains to the end, with progress; a run that a crash left unfinished goes on first.</summary>
    /// <param name="context">Where to show the progress.</param>
    /// <param name="ownsSilo">Whether an active run can only be such a left one.</param>
    /// <param name="label">What is trained.</param>
    /// <param name="run">The run.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <exception cref="CliException">The run is refused or fails, or another process trains the federation.</exception>
    public async Task<RunStatus> TrainAsync(CommandContext context, bool ownsSilo, string label, PlannedRun run, CancellationToken cancellationToken)
    {
        var request = run.Request;
        for (; ; )
        {
            var receipt = await StartAsync(run, cancellationToken);
            if (receipt.Outcome is RunOutcome.Busy && !ownsSilo)
            {
                throw new CliException(ExitCode.Failed, receipt.Message, $"Wait for {receipt.RunId} to end, or train another federation with --federation NAME.");
            }

            var left = receipt.Outcome is RunOutcome.Busy;
            if (left)
            {
                await grains.GetGrain<IRunGrain>($"{request.Federation}/{receipt.RunId}").ResumeAsync(cancellationToken);
            }

            if (receipt.Outcome is not RunOutcome.Started)
            {
                context.Say(left ? $"Run {receipt.RunId} was left unfinished; it goes on first. Ctrl-C stops it." : receipt.Message);
            }

            var started = await grains.GetGrain<IRunGrain>($"{request.Federation}/{receipt.RunId}").GetStatusAsync(cancellationToken);
            foreach (var note in !left && started is not null ? started.Notes.Where(_said.Add) : []) // once, and not for every seed
            {
                context.Say($"note: {note}");
            }

            if (started is { Source.Hosted: not null })
            {
                PartiesOfRun.Say(context, RunPartyView.All(started, await grains.GetGrain<IPartiesGrain>(request.Federation).ListAsync(cancellationToken)));
            }

            try
            {
                var status = await RunProgress.ShowAsync( // as many rounds as the run has: it fills in what the learner recommends
                    context, left ? receipt.RunId : label, started?.Request.Rounds.Count ?? 0, report => FollowAsync(context, request.Federation, receipt.RunId, report, cancellationToken));
                if (!left)
                {
                    return status;
                }
            }
            catch (CliException e) when (left)
            {
                context.Say(e.Message); // it has ended, which is all that was waited for
            }
        }
    }

    /// <summary>Starts the run, or takes up the same one when it is already active.</summary>
    /// <returns>The run's id; with <see cref="RunOutcome.Busy"/>, that of the other run that is active.</returns>
    /// <exception cref="CliException">The request is refused.</exception>
    private async Task<RunReceipt> StartAsync(PlannedRun run, CancellationToken cancellationToken)
    {
        var federation = grains.GetGrain<IFederationGrain>(run.Request.Federation);
        if (run.Data is { } data && await federation.SimulateAsync(data, cancellationToken) is null)
        {
            throw new CliException(ExitCode.Failed, $"The clients of federation {run.Request.Federation} keep their data themselves, so there is nothing to simulate.",
                $"Train it with 'fedrec train --federation {run.Request.Federation}', or simulate another federation.");
        }

        var receipt = await federation.StartRunAsync(run.Request, cancellationToken);
        return receipt.Outcome is not RunOutcome.Invalid ? receipt
            : throw new CliException(ExitCode.Failed, receipt.Message, "Correct the option or the data it names; nothing was started.");
    }

    /// <summary>Reports every event until the run has ended; when cancelled by the user, asks the run to stop and waits for it.</summary>
    /// <exception cref="CliException">The run has failed; the message says why.</exception>
    private async Task<RunStatus> FollowAsync(CommandContext context, string federation, string runId, Action<RunEvent> report, CancellationToken cancellationToken)
    {
        var run = grains.GetGrain<IRunGrain>($"{federation}/{runId}");
        try
        {
            await ActiveRuns.ReadToEndAsync(run, report, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await ActiveRuns.StopAsync(context, run, runId);
            throw;
        }

        var status = await run.GetStatusAsync(cancellationToken)
            ?? throw new CliException(ExitCode.Failed, $"Run {runId} of {federation} is gone.", "Start it again.");
        RunEnding.ThrowUnlessWell(status.RunId, status.Phase, status.StopReason, status.RoundsDone, status.Reason, status.Version);
        return status;
    }
}

/// <summary>What the end of a run is for whoever has waited for it.</summary>
internal static class RunEnding
{
    /// <summary>Says why a run has failed, or that it leaves no model.</summary>
    /// <exception cref="CliException">It has; the exit code tells spent privacy, quorum and divergence from the rest.</exception>
    public static void ThrowUnlessWell(string runId, RunPhase phase, RunStopReason why, int roundsDone, string? reason, long version)
    {
        if (why == RunStopReason.PrivacySpent)
        {
            throw new CliException(ExitCode.PrivacySpent, $"Run {runId} ended after {roundsDone} rounds: {reason}.",
                version > 0 ? $"Version {version} is of the rounds that it did. A larger --epsilon, fewer --rounds or a larger --noise-multiplier would allow the rest." : "Nothing was published.");
        }

        if (phase is RunPhase.Failed)
        {
            reason ??= "no reason given";
            throw why switch
            {
                RunStopReason.Quorum => new CliException(ExitCode.QuorumNotMet, $"Run {runId} stopped after {roundsDone} rounds: {reason}",
                    "Give the clients more time (--deadline), ask more of them (--cohort), or accept fewer updates (--quorum)."),
                RunStopReason.Diverged => new CliException(ExitCode.Diverged, $"Run {runId} failed after {roundsDone} rounds: {reason}", "What was in use before is still in use."),
                _ => new CliException(ExitCode.Failed, $"Run {runId} failed after {roundsDone} rounds: {reason}"),
            };
        }

        if (version == 0)
        {
            throw new CliException(ExitCode.Failed, $"Run {runId} ended before a round was committed ({reason}): there is no model of it.", "Train for at least one round.");
        }
    }
}
