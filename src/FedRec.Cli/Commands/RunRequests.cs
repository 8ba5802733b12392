using System.Collections.Immutable;
using System.CommandLine;
using FedRec.Cli.Simulation;
using FedRec.Contracts.Models;
using FedRec.Contracts.Privacy;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Grains.Requests;
using FedRec.Scenarios;

namespace FedRec.Cli.Commands;

/// <summary>Turns what was given on the line into a run.</summary>
internal static class RunRequests
{
    /// <summary>What a request can name, as in the silos of this program.</summary>
    public static FederationParts Parts { get; } = FederationParts.BuiltIn().AddScenarios();

    /// <summary>The run of one seed.</summary>
    /// <param name="context">The line; its values are already in range.</param>
    /// <param name="options">The options of the verb.</param>
    /// <param name="learner">The learner and its own options, already checked.</param>
    /// <param name="federation">Name of the federation.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="hosted">Whether clients keep their data themselves, so that there is none to name. Default: false.</param>
    public static PlannedRun Build(
        CommandContext context, RunOptions options, (string Name, ImmutableSortedDictionary<string, string> Options) learner, string federation, ulong seed, bool hosted = false)
    {
        var recommended = LearnerRegistry.Find(learner.Name).Recommended(learner.Options);
        var patience = context.Value(options.Patience);
        var target = context.Value(options.Target);
        var validates = patience > 0 || target is { Metric: not StoppingTarget.Loss }; // test interactions must not decide when a run ends
        var evaluateEvery = context.Value(options.EvaluateEvery);
        return Checked(new PlannedRun(hosted ? null : DataOf(context, options), new RunRequest
        {
            Federation = federation,
            Learner = learner.Name,
            LearnerOptions = learner.Options,
            Rounds = RoundsOf(context, options, recommended.TakesChanges && context.Value(options.WarmStart) > 0 ? 1 : recommended.Rounds),
            ServerOptimizer = options.Server.Read(context, recommended.ServerOptimizer.Name),
            Seed = seed,
            EvaluateEvery = validates && evaluateEvery == 0 ? 5 : evaluateEvery,
            Patience = patience,
            TargetMetric = target?.Metric,
            TargetValue = target?.Value ?? 0,
            WarmStart = context.Value(options.WarmStart),
            WarmStartFrom = context.Value(options.WarmStartFrom) is { } source ? new() { Federation = source, Match = context.Value(options.WarmStartMatch) } : null,
            Personalization = options.Personal.Read(context),
            Promote = PolicyOf(context.Value(options.Promote)),
            PartyLabels = hosted ? context.Value(options.PartyLabels) : null,
            Privacy = PrivacyOf(context, options, recommended),
        }));
    }

    /// <summary>What a federation would refuse is refused here, before there is a silo.</summary>
    /// <exception cref="CliException">A value is out of range, or values do not go together.</exception>
    public static PlannedRun Checked(PlannedRun run)
    {
        try
        {
            _ = RequestChecks.Checked(run.Request, run.Data, Parts); // the silos fill defaults in by themselves
            return run;
        }
        catch (ArgumentException e)
        {
            throw new CliException(ExitCode.Usage, Failure.Plain(e), "Correct the option; nothing was started. --help shows what is allowed.", e);
        }
    }

    /// <summary>Refuses more parties than there are users. Only then the data is read before there is a silo.</summary>
    /// <exception cref="CliException">There are more parties than users, or the data cannot be read.</exception>
    public static void ThrowUnlessDealable(PlannedRun run)
    {
        if (run.Data is not { Parties: > 0 } simulated)
        {
            return;
        }

        var data = Parts.Open(RequestChecks.DataOf(simulated, run.HoldsOut));
        if (simulated.Parties > data.Users.Count)
        {
            throw new CliException(ExitCode.Usage, $"--parties is {simulated.Parties}; the data has {data.Users.Count} users.", "Give at most as many parties as there are users; nothing was started.");
        }
    }

    /// <summary>Refuses a baseline that cannot be trained on the data, before anything else is trained on it. Only then the data is read before there is a silo.</summary>
    /// <exception cref="CliException">The data has no times, or it cannot be read.</exception>
    public static void ThrowUnlessTrainable(PlannedRun run, IEnumerable<string> baselines)
    {
        if (run.Data is not { } simulated || !baselines.Contains(Baselines.Sequential))
        {
            return;
        }

        try
        {
            BaselineRegistry.ThrowUnlessFit(Baselines.Sequential, Parts.Open(RequestChecks.DataOf(simulated, run.HoldsOut)));
        }
        catch (ArgumentException e)
        {
            throw new CliException(ExitCode.Usage, Failure.Plain(e), "Leave it out of --baselines; nothing was started.", e);
        }
    }

    /// <summary>Where the data is; a path is made absolute, as the silos may stand in another folder.</summary>
    /// <exception cref="CliException">There is nothing at the path, or it is combined with an option of the synthetic catalogue.</exception>
    public static DataSpec DataOf(CommandContext context, RunOptions options)
    {
        var data = new DataSpec
        {
            Parties = context.Value(options.Parties),
            Alpha = AlphaOf(context, options),
            Split = context.Value(options.Split),
            TestShare = context.Value(options.TestShare),
            SplitSeed = context.Value(options.SplitSeed),
            Scenario = ScenarioOf(context.Value(options.Scenario)),
            KindWeights = context.Value(options.KindWeights),
            Clean = context.Value(options.Clean),
            NormalizeRatings = context.Value(options.NormalizeRatings),
            MinUserItems = context.Value(options.MinUserItems),
            MinItemUsers = context.Value(options.MinItemUsers),
            ContextData = context.Value(options.ContextData) is { } other ? RereadablePath(context, other, "--context-data") : null,
            Reading = options.Reading.ToSpec(context),
        };
        if (context.Value(options.Data) is not { } path)
        {
            if (context.Value(options.Schema) is not null)
            {
                throw new CliException(ExitCode.Usage, "--schema declares the columns of a file, but there is no --data.", "Give --data too.");
            }

            if (options.Reading.Group.Options.FirstOrDefault(option => context.IsGiven(option)) is { } stray)
            {
                throw new CliException(ExitCode.Usage, $"{stray.Name} is said of a file, but there is no --data.", "Give --data too.");
            }

            return data with { SyntheticUsers = context.Value(options.Clients), SyntheticItems = context.Value(options.Items) };
        }

        foreach (Option synthetic in new Option[] { options.Clients, options.Items })
        {
            if (context.IsGiven(synthetic))
            {
                throw new CliException(ExitCode.Usage, $"{synthetic.Name} belongs to the synthetic catalogue, but --data gives real data.", $"Leave out {synthetic.Name} or --data.");
            }
        }

        return data with { Path = RereadablePath(context, path, "--data"), Schema = context.Value(options.Schema) is { } schema ? ExistingPath(context, schema, MissingSchema) : null };
    }

    /// <summary>The scenario whose parties and rules the data follows; null for the first one, which is plain interactions.</summary>
    public static string? ScenarioOf(string name) => name == Scenario.Usual ? null : name;

    // A file in a zip archive: ml-1m.zip/ml-1m/ratings.dat.
    private static bool IsInArchive(string path) => path.IndexOf(".zip/", StringComparison.OrdinalIgnoreCase) is > 0 and var at && File.Exists(path[..(at + 4)]);

    /// <summary>What to do when a schema is not there.</summary>
    public const string MissingSchema = "Give --schema an existing JSON file; src/docs/concepts/learners.md shows one.";

    /// <summary>The full path of a file or folder that a user named.</summary>
    /// <param name="context">Holds the current folder.</param>
    /// <param name="path">As typed.</param>
    /// <param name="next">What to do when it is not there. Default: interactions are wanted.</param>
    /// <exception cref="CliException">It is not there.</exception>
    public static string ExistingPath(CommandContext context, string path, string next = "Check the path. Interactions are read from CSV, TSV, JSON lines and Parquet files, packed or not, or a folder with one.")
    {
        var full = context.FullPath(path);
        return File.Exists(full) || Directory.Exists(full) || IsInArchive(full) ? full
            : throw new CliException(ExitCode.Usage, $"There is no file or folder {full}.", next);
    }

    private static PromotionPolicy PolicyOf(string word) => word switch
    {
        "always" => PromotionPolicy.Always,
        "never" => PromotionPolicy.Never,
        _ => PromotionPolicy.IfBetter,
    };

    /// <summary>The full path of data that a run reads: silos open it when they need it, more than once.</summary>
    /// <exception cref="CliException">It is not there, or can be read only once.</exception>
    public static string RereadablePath(CommandContext context, string path, string option)
    {
        var full = ExistingPath(context, path);
        return PlainFile.Is(full) ? full
            : throw new CliException(ExitCode.Usage, $"{option} is a pipe or a device, but a run reads its data more than once.", "Write it to a file first, and give that; fedrec data inspect reads pipes too.");
    }

    private static double AlphaOf(CommandContext context, RunOptions options)
    {
        var alpha = context.Value(options.Alpha);
        return alpha == 0 || context.Value(options.Parties) > 0 ? alpha
            : throw new CliException(ExitCode.Usage, "--party-alpha needs --parties.", "It says how unevenly the users are dealt to the parties: give --parties 20 too, for example.");
    }

    private static PrivacySettings? PrivacyOf(CommandContext context, RunOptions options, LearnerDefaults recommended)
    {
        if (context.Value(options.Epsilon) is { } epsilon)
        {
            if (context.Value(options.ClipNorm) == 0 && recommended.ClipNorm == 0)
            {
                throw new CliException(ExitCode.Usage, "--epsilon needs --clip-norm.", "Noise hides what is no longer than that: give a length, such as --clip-norm 0.5, or take --learner pca, whose clients send vectors of length 1.");
            }

            return new PrivacySettings
            {
                Epsilon = epsilon,
                Delta = context.Value(options.Delta) ?? PrivacySettings.UsualDelta,
                NoiseMultiplier = context.Value(options.NoiseMultiplier) ?? 0,
                ClipQuantile = context.Value(options.ClipQuantile),
                Noise = context.Value(options.Dp),
            };
        }

        return new Option[] { options.Delta, options.NoiseMultiplier, options.ClipQuantile, options.Dp }.FirstOrDefault(context.IsGiven) is { } stray
            ? throw new CliException(ExitCode.Usage, $"{stray.Name} needs --epsilon.", "Give the most ε that the run may spend, such as --epsilon 4; fedrec privacy plan shows what that takes.") : null;
    }

    private static RoundSettings RoundsOf(CommandContext context, RunOptions options, int recommended)
    {
        if (context.Value(options.Weighting) == "capped" && context.Value(options.WeightCap) == 0)
        {
            throw new CliException(ExitCode.Usage, "--weighting capped needs --weight-cap.", "Give the largest weight of a client in examples, such as --weight-cap 100.");
        }

        if (context.Value(options.AdaptiveDeadline) && !context.Value(options.RealTime))
        {
            throw new CliException(ExitCode.Usage, "--adaptive-deadline needs --real-time: in virtual time no client takes real time.", "Give --real-time too, or leave --adaptive-deadline out.");
        }

        var rounds = context.Value(options.Rounds) is > 0 and var given ? given : recommended;
        return new RoundSettings
        {
            Count = rounds,
            CohortSize = context.Value(options.Cohort),
            ReportGoal = context.Value(options.ReportGoal),
            Quorum = context.Value(options.Quorum),
            Mode = context.Value(options.Mode) is not "sync" and var mode ? mode : null,
            Topology = context.IsGiven(options.Topology) ? context.Value(options.Topology) : null,
            VirtualTime = !context.Value(options.RealTime),
            AdaptiveDeadline = context.Value(options.AdaptiveDeadline),
            ErrorBudget = context.Value(options.ErrorBudget),
            Regions = context.Value(options.Regions),
            MaxStaleness = context.Value(options.MaxStaleness),
            Deadline = context.Value(options.Deadline) ?? TimeSpan.Zero,
            Weighting = context.Value(options.Weighting),
            WeightCap = context.Value(options.WeightCap),
            MaxShare = context.Value(options.MaxShare),
            ClipNorm = context.Value(options.ClipNorm),
            Aggregator = context.Value(options.Aggregator),
            Trim = context.Value(options.Trim),
            Steps = context.Value(options.UpdateSteps),
            PublishEvery = context.Value(options.PublishEvery),
            Dropout = context.Value(options.Dropout),
            Straggler = context.Value(options.Straggler),
        };
    }
}
