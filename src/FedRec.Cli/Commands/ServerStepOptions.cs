using System.CommandLine;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;

namespace FedRec.Cli.Commands;

/// <summary>The options of the server's step: the optimizer, and how its learning rate goes over the run.</summary>
internal sealed class ServerStepOptions
{
    private static readonly ServerOptimizerSettings s_default = new();
    private static readonly string[] s_adaptive = ["adagrad", "adam", "yogi"];
    private static readonly string[] s_withMoments = ["adam", "yogi"];

    private readonly Option<string> _optimizer = TypedOptions.Word(
        "--server-optimizer", "How the server steps; default is the learner's own choice.", "default", ["default", .. ServerOptimizerOptions.Names], [.. ServerOptimizerOptions.Aliases]);

    private readonly Option<double> _learningRate = TypedOptions.NotNegative("--server-lr", "Server learning rate; 0 takes the default of the learner or the optimizer.");

    private readonly Option<double> _momentum = TypedOptions.Share("--server-momentum", "Momentum of sgd.", 0, oneAllowed: false);

    private readonly Option<double> _beta1 = TypedOptions.Share("--server-beta1", "First-moment decay of adam and yogi.", s_default.Beta1, oneAllowed: false);

    private readonly Option<double> _beta2 = TypedOptions.Share("--server-beta2", "Second-moment decay of adam and yogi.", s_default.Beta2, oneAllowed: false);

    private readonly Option<double> _epsilon = TypedOptions.Positive("--server-epsilon", "Added to the root of the second moment of adagrad, adam and yogi.", s_default.Epsilon);

    private readonly Option<string> _biasCorrection = TypedOptions.Word(
        "--server-bias-correction", "Bias correction of adam; off is FedAdam as Reddi et al. 2021 have it.", "on", ["on", "off"]);

    private readonly Option<string> _schedule = TypedOptions.Word(
        "--server-lr-schedule", "How the server learning rate goes on after warm-up.", s_default.Schedule, [.. LearningRateSchedule.Names]);

    private readonly Option<int> _warmup = TypedOptions.Number("--server-lr-warmup", "Rounds in which the server learning rate rises linearly to its full value.", 0, 0);

    private readonly Option<double> _decay = TypedOptions.Positive("--server-lr-decay", "Factor of the schedules step and exponential.", s_default.Decay, high: 1);

    private readonly Option<int> _decayEvery = TypedOptions.Number("--server-lr-decay-every", "Rounds in which the decay of step and exponential takes effect once; 0 for a third of the rounds after warm-up.", 0, 0);

    private readonly Option<double> _final = TypedOptions.Share("--server-lr-final", "Share of the learning rate that the schedule cosine ends near.", 0, oneAllowed: false);

    public IReadOnlyList<Option> All =>
        [_optimizer, _learningRate, _momentum, _beta1, _beta2, _epsilon, _biasCorrection, _schedule, _warmup, _decay, _decayEvery, _final];

    /// <summary>The settings as given.</summary>
    /// <param name="context">The line.</param>
    /// <param name="recommended">The optimizer that the learner takes by default.</param>
    /// <exception cref="CliException">An option is given that the optimizer or the schedule does not have.</exception>
    public ServerOptimizerSettings Read(CommandContext context, string recommended)
    {
        var (given, schedule) = (context.Value(_optimizer), context.Value(_schedule));
        RefuseUnused(context, given == "default" ? recommended : ServerOptimizerOptions.NameOf(given), schedule);
        return new ServerOptimizerSettings
        {
            Name = given,
            LearningRate = context.Value(_learningRate),
            Momentum = context.Value(_momentum),
            Beta1 = context.Value(_beta1),
            Beta2 = context.Value(_beta2),
            Epsilon = context.Value(_epsilon),
            SkipBiasCorrection = context.Value(_biasCorrection) == "off",
            Schedule = schedule,
            WarmupRounds = context.Value(_warmup),
            Decay = context.Value(_decay),
            DecayEvery = context.Value(_decayEvery),
            FinalShare = context.Value(_final),
        };
    }

    private void RefuseUnused(CommandContext context, string optimizer, string schedule)
    {
        Refuse(context, "server optimizer", optimizer, _momentum, "sgd");
        Refuse(context, "server optimizer", optimizer, _beta1, s_withMoments);
        Refuse(context, "server optimizer", optimizer, _beta2, s_withMoments);
        Refuse(context, "server optimizer", optimizer, _epsilon, s_adaptive);
        Refuse(context, "server optimizer", optimizer, _biasCorrection, "adam");
        Refuse(context, "schedule", schedule, _decay, "step", "exponential");
        Refuse(context, "schedule", schedule, _decayEvery, "step", "exponential");
        Refuse(context, "schedule", schedule, _final, "cosine");
    }

    private static void Refuse(CommandContext context, string what, string chosen, Option option, params string[] users)
    {
        if (!users.Contains(chosen) && context.IsGiven(option))
        {
            throw new CliException(ExitCode.Usage, $"The {what} {chosen} has no {option.Name}; {string.Join(" and ", users)} {(users.Length > 1 ? "have" : "has")} it.", $"Leave out {option.Name}, or choose another {what}.");
        }
    }
}
