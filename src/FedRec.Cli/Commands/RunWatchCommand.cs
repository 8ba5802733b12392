using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Cli.Runs;
using FedRec.Cli.Simulation;
using FedRec.Contracts.Runs;
using FedRec.Web.Api;

namespace FedRec.Cli.Commands;

/// <summary><c>run watch</c>: a run's rounds as they close, to its end. Whoever watches is no part of the run: Ctrl-C leaves it alone.</summary>
/// <remarks>A silo that is lost, or a server that is started again, ends a connection and not the run: it is asked again for <see cref="s_patience"/>.</remarks>
internal static class RunWatchCommand
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    public static Command Create(Terminal terminal)
    {
        var command = new Command("watch", "Shows the rounds of a run as they close, until it has ended; the exit code tells how. Ctrl-C leaves the run alone.");
        return RunCommand.Verb(terminal, command, WatchAsync).WithExamples("fedrec run watch", "fedrec run watch shop/run-3 --format json");
    }

    /// <summary>Watches a run to its end and says how it ended.</summary>
    /// <returns><see cref="ExitCode.Ok"/>.</returns>
    /// <exception cref="CliException">The run has failed, or left no model; or nobody answers any more.</exception>
    public static async Task<int> WatchAsync(CommandContext context, IRuns runs, RunName name, CancellationToken cancellationToken)
    {
        var begun = await FindAsync(context, runs, name, cancellationToken);
        var named = new RunName(begun.Federation, begun.Id);
        RunView ended;
        try
        {
            ended = await RunProgress.ShowAsync(context, begun.Id, begun.RoundsPlanned, report => FollowAsync(context, runs, named, report, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Say($"Run {begun.Id} of {begun.Federation} goes on; 'fedrec run stop {begun.Federation}/{begun.Id}' ends it.");
            throw;
        }

        context.Write(ended, TableOf(ended));
        RunEnding.ThrowUnlessWell(ended.Id, ended.Phase, ended.StopReason, ended.RoundsDone, ended.Reason, ended.Version);
        return ExitCode.Ok;
    }

    // Connected already: what does not answer now is a silo that was just lost, and not a FedRec that is not there.
    private static async Task<RunView> FindAsync(CommandContext context, IRuns runs, RunName name, CancellationToken cancellationToken)
    {
        for (var begun = TimeProvider.System.GetTimestamp(); ; await Task.Delay(s_pause, cancellationToken))
        {
            try
            {
                return await runs.GetAsync(name, cancellationToken);
            }
            catch (Exception e) when (e is OrleansException or TimeoutException && TimeProvider.System.GetElapsedTime(begun) < s_patience)
            {
                context.Say($"The run is asked for again ({Failure.From(e).What.TrimEnd('.')}).");
            }
        }
    }

    private static async Task<RunView> FollowAsync(CommandContext context, IRuns runs, RunName name, Action<RunEvent> report, CancellationToken cancellationToken)
    {
        var (heard, seen, isWaiting) = (TimeProvider.System.GetTimestamp(), 0L, false);
        for (; ; await Task.Delay(s_pause, cancellationToken))
        {
            try
            {
                await foreach (var one in runs.ReadEventsAsync(name, seen, cancellationToken))
                {
                    report(one);
                    (seen, heard, isWaiting) = (one.Id, TimeProvider.System.GetTimestamp(), false);
                }

                if (await runs.GetAsync(name, cancellationToken) is { Active: false } ended)
                {
                    return ended;
                }
            }
            catch (Exception e) when (IsOutage(e) && TimeProvider.System.GetElapsedTime(heard) < s_patience && !cancellationToken.IsCancellationRequested)
            {
                if (!isWaiting)
                {
                    isWaiting = true;
                    context.Say($"Nobody answers ({Failure.From(e).What.TrimEnd('.')}); asked again for {s_patience.TotalMinutes:0} minutes.");
                }
            }
        }
    }

    private static bool IsOutage(Exception exception) => exception is CliException { ExitCode: ExitCode.StoreUnreachable } or OrleansException or TimeoutException or IOException or HttpRequestException;

    private static ResultTable TableOf(RunView run)
    {
        var table = new ResultTable($"{run.Federation}: run {run.Id}", "ended", ">rounds", ">version", "in use", "sha256").Add(
            run.Phase.ToString().ToLowerInvariant(), run.RoundsDone.ToString(CultureInfo.InvariantCulture), run.Version == 0 ? "none" : run.Version.ToString(CultureInfo.InvariantCulture),
            run.Promotion is { Promoted: true } ? "yes" : "no", run.Sha256);
        foreach (var note in new[] { run.Summary, run.Promotion?.Reason }.OfType<string>())
        {
            table.Notes.Add(note);
        }

        return table;
    }
}
