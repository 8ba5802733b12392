using System.Globalization;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Grains.Rounds;
using FedRec.Grains.Training;

namespace FedRec.Grains.Runs;

/// <summary>Says what has happened to a training whose numbers are not finite or too large, and which setting to change.</summary>
internal static class Divergence
{
    private const float LargeRating = 100; // of all usual scales the longest

    /// <summary>Whether a round came to nothing because of what its clients sent, and not of clients that were missing.</summary>
    public static bool Explains(RoundRecord round) =>
        IsOfModel(round) || (IsAbandoned(round) && round.Fault is not null && round.Rejected >= round.Dropped + round.Late);

    /// <summary>Whether the updates were in order, and the model they led to was not.</summary>
    public static bool IsOfModel(RoundRecord round) => IsAbandoned(round) && round.Fault is not null && round.Rejected == 0;

    /// <summary>The end of a run whose last round <see cref="Explains"/> it.</summary>
    public static RunEnding Ending(RunContext run, RoundRecord last)
    {
        var what = IsOfModel(last)
            ? $"the model that round {last.Round} led to cannot be used"
            : string.Create(CultureInfo.InvariantCulture, $"{last.Rejected:N0} of {last.Asked:N0} updates of round {last.Round} were rejected");
        return Failed($"{Cause(run, last.Fault!)}: {what}, as {UpdateFaults.Words(last.Fault!)}; {Advice(run, last.Fault!)}");
    }

    /// <summary>The end of a run whose numbers have overflowed outside of a round's updates.</summary>
    /// <param name="run">The run.</param>
    /// <param name="round">Rounds done.</param>
    /// <param name="overflow">What is no longer finite.</param>
    public static RunEnding Ending(RunContext run, int round, ArithmeticException overflow) => Failed(string.Create(CultureInfo.InvariantCulture,
        $"training diverged with {round} rounds done: {overflow.Message.TrimEnd('.')}; {LowerRates(run)}, or normalise the ratings. Nothing was published"));

    private static RunEnding Failed(string text) => new(RunPhase.Failed, RunStopReason.Diverged, text);

    private static string Cause(RunContext run, UpdateFault fault) =>
        HasLargeRatings(run) ? string.Create(CultureInfo.InvariantCulture, $"the ratings are too large for {run.Learner.Name} with objective mse (they reach {run.Shape.RatingScale!.Value.Highest:#,0.###})")
        : fault.Kind is UpdateFaultKind.NotFinite or UpdateFaultKind.TooLarge && run.Recommended.Step != StepRule.Sum ? "training diverged"
        : "the clients' updates cannot be summed";

    private static string Advice(RunContext run, UpdateFault fault) => fault switch
    {
        _ when HasLargeRatings(run) => "use --normalize-ratings",
        { Kind: UpdateFaultKind.WeightTooSmall } => "raise --weight-cap, or leave it out",
        _ when run.Recommended.Step == StepRule.Sum => "deal the users to more parties (--parties)",
        _ => LowerRates(run),
    };

    // The clients' own rate matters where they step by themselves and the server takes the mean of their steps.
    private static string LowerRates(RunContext run)
    {
        var server = string.Create(CultureInfo.InvariantCulture, $"lower --server-lr (it is {run.Request.ServerOptimizer.LearningRate:G6})");
        return run.Request.LearnerOptions.TryGetValue("learning-rate", out var own) ? $"{server} or --learning-rate (it is {own})"
            : run.Recommended.ServerOptimizer.Name == "sgd" ? $"{server} or --learning-rate"
            : server;
    }

    private static bool HasLargeRatings(RunContext run) =>
        run.Request.LearnerOptions.GetValueOrDefault("objective") == "mse" && run.Source.Simulated is not { NormalizeRatings: true }
        && run.Shape.RatingScale is { } scale && Math.Max(scale.Highest, -scale.Lowest) > LargeRating;

    private static bool IsAbandoned(RoundRecord round) => round.Phase == nameof(RoundPhase.Abandoned);
}
