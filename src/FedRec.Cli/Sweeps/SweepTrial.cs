using System.Collections.Immutable;
using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using FedRec.Cli.Commands;
using FedRec.Cli.Simulation;
using FedRec.Contracts.Runs;

namespace FedRec.Cli.Sweeps;

/// <summary>One point as runs: the command line with the point's options in place of its own.</summary>
/// <param name="Point">The point.</param>
/// <param name="Context">The command line with it.</param>
/// <param name="Runs">One per seed.</param>
/// <param name="Id">Names the trial by what it runs: equal runs, equal name.</param>
internal sealed record SweepTrial(SweepPoint Point, CommandContext Context, IReadOnlyList<PlannedRun> Runs, string Id)
{
    /// <summary>Options that say how a sweep is run or what is compared, and so are the same for all its points.</summary>
    private static readonly string[] s_fixed = ["--data", .. new ReadingArguments().Group.Options.Select(option => option.Name), "--clients", "--items", "--parties", "--split", "--split-seed", "--seed"];

    /// <summary>Names that a point may have.</summary>
    public static IReadOnlyCollection<string> Options(RunOptions run, LearnerArguments learner) =>
        [.. run.All.Append(learner.Learner).Concat(learner.Own).Select(option => option.Name).Except(s_fixed).Select(name => name[2..])];

    /// <exception cref="CliException">The options of the point are not allowed, alone or together with those of the line.</exception>
    public static SweepTrial Create(CommandContext context, RunOptions run, LearnerArguments learner, SweepPoint point, string federation, int seeds) =>
        Create(context, run, learner, point, federation, seeds, OnValidation);

    /// <summary>The same with requests as they are: for points that are compared, where none is chosen.</summary>
    public static SweepTrial ToCompare(CommandContext context, RunOptions run, LearnerArguments learner, SweepPoint point, string federation, int seeds) =>
        Create(context, run, learner, point, federation, seeds, run => run);

    private static SweepTrial Create(
        CommandContext context, RunOptions run, LearnerArguments learner, SweepPoint point, string federation, int seeds, Func<PlannedRun, PlannedRun> adapt)
    {
        var own = new CommandContext(context.Terminal, Replace(context.Line, point));
        try
        {
            if (own.Line.Errors.Count > 0)
            {
                throw new CliException(ExitCode.Usage, own.Line.Errors[0].Message);
            }

            var (chosen, first) = (learner.Read(own), own.Value(run.Seed));
            var runs = Enumerable.Range(0, seeds).Select(i => adapt(RunRequests.Build(own, run, chosen, federation, first + (ulong)i))).ToList();
            return new SweepTrial(point, own, runs, Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(runs)))[..12]);
        }
        catch (CliException e)
        {
            throw new CliException(e.ExitCode, $"The point {point.Label} cannot be run: {e.Message}", e.Next ?? "Correct the options; nothing was started.", e);
        }
    }

    // Points are chosen by interactions that neither training nor the final test sees.
    private static PlannedRun OnValidation(PlannedRun run) => run with { Request = run.Request with { HoldOutValidation = true } };

    private static ParseResult Replace(ParseResult line, SweepPoint point)
    {
        var command = line.CommandResult.Command;
        var given = command.Options.Concat(line.RootCommandResult.Command.Options)
            .Where(option => !point.Options.ContainsKey(option.Name.TrimStart('-')) && !point.Without.Contains(option.Name.TrimStart('-')) && line.GetResult(option) is { Implicit: false })
            .SelectMany(option => line.GetResult(option)!.Tokens.Select(token => token.Value).Prepend(option.Name));
        return line.RootCommandResult.Command.Parse([command.Name, .. given, .. point.Options.SelectMany(option => new[] { $"--{option.Key}", option.Value })]);
    }
}

/// <summary>What became of one trial.</summary>
internal sealed record TrialResult
{
    /// <summary>Name of its folder.</summary>
    public required string Id { get; init; }

    /// <summary>The options that make the point.</summary>
    public required ImmutableSortedDictionary<string, string> Options { get; init; }

    /// <summary>Why there is no model, as when training went out of all bounds; null when there is one.</summary>
    public string? Failure { get; init; }

    /// <summary>Its runs, one per seed.</summary>
    public IReadOnlyList<TrialRun> Runs { get; init; } = [];

    /// <summary>Validation metrics over the seeds; empty after a failure.</summary>
    public SortedDictionary<string, Spread> Validation => Spread.Of([.. Runs.Select(run => run.Validation)]);

    /// <summary>The spread of test metrics over the users, over the seeds.</summary>
    [JsonIgnore]
    public SortedDictionary<string, Spread> TestQuantiles => Spread.Of([.. Runs.Select(run => run.TestQuantiles)]);

    /// <summary>Test metrics over the seeds: for the winner only, and never to choose by.</summary>
    public SortedDictionary<string, Spread> Test => Spread.Of([.. Runs.Select(run => run.Test)]);
}

/// <summary>One seed of a trial.</summary>
internal sealed record TrialRun(
    ulong Seed, string RunId, int Rounds, double TrainSeconds, RunStopReason StopReason, string? Reason, string ModelSha256,
    ImmutableSortedDictionary<string, double> Validation, ImmutableSortedDictionary<string, double> Test)
{
    /// <summary>How test metrics are spread over the users, such as <c>ndcg@10/worst-decile</c>. Default: none.</summary>
    public ImmutableSortedDictionary<string, double> TestQuantiles { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <summary>Updates that were counted. Default: 0, in files of before.</summary>
    public long Updates { get; init; }

    /// <summary>What its rounds took in virtual time, in seconds. Default: 0.</summary>
    public double VirtualSeconds { get; init; }

    /// <summary>Bytes of updates that would travel from clients. Default: 0.</summary>
    public long BytesUp { get; init; }

    /// <summary>Bytes of parameters that would travel to clients. Default: 0.</summary>
    public long BytesDown { get; init; }

    /// <summary>Bytes of the sums that rounds were sent by silos or regions. Default: 0.</summary>
    public long SumBytes { get; init; }
}
