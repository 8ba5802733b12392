using FedRec.Contracts.Federations;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Simulation;

/// <summary>Starts a run and watches it to its end.</summary>
internal sealed class RunFollower(IGrainFactory grains)
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_stopWait = TimeSpan.FromSeconds(15);

    /// <summary>Starts the run, or takes up the same one when it is already active.</summary>
    /// <returns>The run's id within the federation.</returns>
    /// <exception cref="CliException">The request is refused, or another run is active.</exception>
    public async Task<RunReceipt> StartAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var receipt = await grains.GetGrain<IFederationGrain>(request.Federation).StartRunAsync(request, cancellationToken);
        return receipt.Outcome switch
        {
            RunOutcome.Started or RunOutcome.Resumed => receipt,
            RunOutcome.Busy => throw new CliException(ExitCode.Failed, receipt.Message, $"Wait for {receipt.RunId} to end, or train another federation with --federation NAME."),
            _ => throw new CliException(ExitCode.Failed, receipt.Message, "Correct the option or the data it names; nothing was started."),
        };
    }

    /// <summary>Reports every event until the run has ended; when cancelled, asks the run to stop and waits for it.</summary>
    /// <exception cref="CliException">The run has failed; the message says why.</exception>
    public async Task<RunStatus> FollowAsync(string federation, string runId, Action<RunEvent> report, CancellationToken cancellationToken)
    {
        var run = grains.GetGrain<IRunGrain>($"{federation}/{runId}");
        try
        {
            await ReadToEndAsync(run, report, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await StopAsync(run);
            throw;
        }

        var status = await run.GetStatusAsync(cancellationToken)
            ?? throw new CliException(ExitCode.Failed, $"Run {runId} of {federation} is gone.", "Start it again.");
        return status.Phase is RunPhase.Failed ? throw Failed(status) : status;
    }

    private static async Task ReadToEndAsync(IRunGrain run, Action<RunEvent> report, CancellationToken cancellationToken)
    {
        for (long after = 0; ;)
        {
            var events = await run.ReadEventsAsync(after, s_wait, cancellationToken);
            foreach (var one in events.Events)
            {
                report(one);
                after = one.Id;
            }

            if (events.Ended && events.Events.IsEmpty)
            {
                return;
            }
        }
    }

    // What was trained is published, and no half-finished run waits to go on at the next start.
    private static async Task StopAsync(IRunGrain run)
    {
        using var limit = new CancellationTokenSource(s_stopWait);
        try
        {
            await run.StopAsync(limit.Token);
            await ReadToEndAsync(run, _ => { }, limit.Token);
        }
        catch (OperationCanceledException)
        {
            // The open round is long: the run stays stored and goes on when the same command is given again.
        }
    }

    private static CliException Failed(RunStatus status)
    {
        var reason = status.Reason ?? "no reason given";
        return reason.Contains("quorum", StringComparison.OrdinalIgnoreCase)
            ? new CliException(ExitCode.QuorumNotMet, $"Run {status.RunId} stopped after {status.RoundsDone} rounds: {reason}",
                "Give the clients more time (--deadline), ask more of them (--cohort), or accept fewer updates (--quorum).")
            : new CliException(ExitCode.Failed, $"Run {status.RunId} failed after {status.RoundsDone} rounds: {reason}", null);
    }
}
