using System.Collections.Immutable;
using System.Globalization;
using FedRec.Cli.Commands;
using FedRec.Cli.Output;
using FedRec.Cli.Simulation;
using FedRec.Cli.Sweeps;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Comparisons;

/// <summary>One way in which the updates of clients that are slow or gone come together.</summary>
/// <param name="Name">As papers call it.</param>
/// <param name="Options">Options in place of those of the line.</param>
internal sealed record ComparedMode(string Name, ImmutableSortedDictionary<string, string> Options)
{
    /// <summary>Clients of a round where the line does not say.</summary>
    public const int UsualCohort = 100;

    private const int StepsOfCohort = 10; // of an asynchronous run in the time in which as many updates make one round
    private const int UsualRegions = 4;
    private const double OverSelection = 1.3;

    /// <summary>The modes, with about as many updates each; gossip, in which everybody takes part, has more.</summary>
    /// <param name="cohort">Clients of a round that waits.</param>
    /// <param name="rounds">Rounds that wait.</param>
    /// <param name="inTime">Share of the clients that are in time.</param>
    public static IReadOnlyList<ComparedMode> All(int cohort, int rounds, double inTime)
    {
        string Of(double number) => Math.Max(0.0, Math.Round(number, MidpointRounding.AwayFromZero)).ToString(CultureInfo.InvariantCulture);
        var (one, of) = (ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal), Of(cohort));
        var waiting = one.Add("cohort", of).Add("rounds", Of(rounds));
        return
        [
            new("synchronous", waiting),
            new("over-selected", one.Add("cohort", Of(cohort * OverSelection)).Add("report-goal", Of(cohort * inTime)).Add("rounds", Of(rounds))),
            new("asynchronous", one.Add("mode", RoundSettings.Asynchronous).Add("cohort", of).Add("report-goal", Of(Math.Ceiling((double)cohort / StepsOfCohort))).Add("rounds", Of(rounds * StepsOfCohort * inTime))),
            new("hierarchical", waiting.Add("regions", Of(UsualRegions))),
            new("gossip, ring", one.Add("mode", RoundSettings.Gossip).Add("topology", "ring").Add("cohort", "0").Add("rounds", Of(rounds))),
            new("gossip, random", one.Add("mode", RoundSettings.Gossip).Add("topology", "random").Add("cohort", "0").Add("rounds", Of(rounds))),
        ];
    }
}

/// <summary>The answer of <c>compare --modes</c>.</summary>
/// <param name="Modes">In the order in which they are shown.</param>
/// <param name="Straggler">Chance that a client is slow.</param>
/// <param name="Dropout">Chance that a client drops out.</param>
/// <param name="Seeds">Runs of each mode.</param>
/// <param name="Folder">Where the trials are.</param>
internal sealed record ModeReport(IReadOnlyList<ModeResult> Modes, double Straggler, double Dropout, int Seeds, string Folder);

/// <summary>One mode; all numbers over the seeds.</summary>
/// <param name="Name">The mode.</param>
/// <param name="Failure">Why training failed; null when it did not.</param>
/// <param name="Ndcg">NDCG@10 on test interactions; null after a failure.</param>
/// <param name="HitRate">HR@10 on test interactions; null after a failure.</param>
/// <param name="Updates">Updates that were counted, of one run.</param>
/// <param name="Seconds">Virtual wall time of one run.</param>
/// <param name="BytesUp">Bytes that would travel from clients, of one run.</param>
/// <param name="BytesDown">Bytes that would travel to clients.</param>
/// <param name="BytesToServer">Bytes that would reach the one who steps: what clients sent, or what regions made of it; 0 where there is no server.</param>
internal sealed record ModeResult(string Name, string? Failure, Spread? Ndcg, Spread? HitRate, double Updates, double Seconds, double BytesUp, double BytesDown, double BytesToServer)
{
    public static ModeResult Of(ComparedMode mode, TrialResult trial)
    {
        double Mean(Func<TrialRun, double> number) => trial.Runs.Select(number).DefaultIfEmpty().Average();
        return new ModeResult(
            mode.Name, trial.Failure, trial.Test.TryGetValue("ndcg@10", out var ndcg) ? ndcg : null, trial.Test.TryGetValue("hr@10", out var hits) ? hits : null,
            Mean(run => run.Updates), Mean(run => run.VirtualSeconds), Mean(run => run.BytesUp), Mean(run => run.BytesDown),
            mode.Options.ContainsKey("topology") ? 0 : Mean(run => mode.Options.ContainsKey("regions") ? run.SumBytes : run.BytesUp));
    }
}

/// <summary><c>compare --modes</c>: who waits for whom, in virtual time, where some clients are slow and some drop out.</summary>
internal sealed class ModeComparison(CommandContext context, RunOptions run, LearnerArguments learner, string federation, int seeds)
{
    private const double UsualStraggler = 0.2;
    private const double UsualDropout = 0.1;

    /// <summary>A trial for each mode.</summary>
    /// <exception cref="CliException">The line has options that a mode sets itself.</exception>
    public IReadOnlyList<(ComparedMode Mode, SweepTrial Trial)> Trials()
    {
        foreach (var own in new System.CommandLine.Option[] { run.Mode, run.ReportGoal, run.Regions, run.Topology }.Where(context.IsGiven))
        {
            throw new CliException(ExitCode.Usage, $"A comparison of modes has no {own.Name}: each mode sets it.", $"Leave out {own.Name}.");
        }

        var cohort = context.Value(run.Cohort) is > 0 and var given ? given : ComparedMode.UsualCohort;
        var waiting = ComparedMode.All(cohort, 1, 1)[0];
        var rounds = ToTrial(waiting with { Options = waiting.Options.Remove("rounds") }).Runs[0].Request.Rounds;
        return [.. ComparedMode.All(cohort, rounds.Count, 1 - rounds.Straggler - rounds.Dropout).Select(mode => (mode, ToTrial(mode)))];
    }

    /// <summary>The report of what became of them.</summary>
    public ModeReport Report(IReadOnlyList<(ComparedMode Mode, SweepTrial Trial)> trials, IReadOnlyDictionary<string, TrialResult> results, string folder) => new(
        [.. trials.Select(trial => ModeResult.Of(trial.Mode, results[trial.Trial.Id]))],
        trials[0].Trial.Runs[0].Request.Rounds.Straggler, trials[0].Trial.Runs[0].Request.Rounds.Dropout, seeds, folder);

    private SweepTrial ToTrial(ComparedMode mode)
    {
        var options = mode.Options;
        options = context.IsGiven(run.Straggler) ? options : options.Add("straggler", UsualStraggler.ToString(CultureInfo.InvariantCulture));
        options = context.IsGiven(run.Dropout) ? options : options.Add("dropout", UsualDropout.ToString(CultureInfo.InvariantCulture));
        options = context.IsGiven(run.Parties) ? options : options.Add("parties", "0").Add("party-alpha", "0");
        return SweepTrial.ToCompare(context, run, learner, new SweepPoint(options) { Without = mode.Options.ContainsKey("mode") ? [] : ["max-staleness"] }, federation, seeds);
    }
}

/// <summary>A comparison of modes as a table.</summary>
internal static class ModeTable
{
    public static ResultTable Of(ModeReport report)
    {
        var table = new ResultTable(
            string.Create(CultureInfo.InvariantCulture, $"{report.Straggler:P0} stragglers, {report.Dropout:P0} dropouts, {report.Seeds} seeds"),
            "mode", ">updates", ">virtual time", ">would travel up", ">would travel down", ">to the server", ">NDCG@10", ">HR@10", "failure");
        foreach (var mode in report.Modes)
        {
            table.Add(
                mode.Name, Text.Count((long)mode.Updates), Text.Seconds(mode.Seconds), Text.Bytes(mode.BytesUp), Text.Bytes(mode.BytesDown), Text.Bytes(mode.BytesToServer),
                Cell(mode.Ndcg, report), Cell(mode.HitRate, report), mode.Failure ?? "");
        }

        if (report.Modes.All(mode => mode.Failure is null))
        {
            table.Details.Add(table.Columns.Length - 1);
        }

        table.Notes.Add("Virtual time: a client in time takes up to one deadline, each time as likely; a straggler one to five; that one has dropped out is known after one. Bytes are those that would travel if each client were a process of its own; in the comparison they stay in this one.");
        table.Notes.Add("synchronous waits for its whole cohort or the deadline; over-selected asks 1.3 times as many and closes when as many have come as are in time there; asynchronous waits for nobody (a step for every tenth of the cohort); "
            + "hierarchical is synchronous with four regions between; gossip has no server, and everybody takes part.");
        table.Notes.Add($"Numbers are of test interactions, by which nothing was chosen. Comparison folder: {report.Folder}");
        return table;
    }

    private static string Cell(Spread? spread, ModeReport report) => spread is { } known ? Text.MeanAndSpread(known.Mean, known.Sd, report.Seeds) : "";
}
