using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Updates;

namespace FedRec.Core.Federation;

/// <summary>Buffered asynchronous aggregation: nobody waits for anybody. The server steps whenever enough updates have come, whichever model they were trained from, and an
/// update moves the model the less the more steps its own is behind.</summary>
/// <remarks>FedBuff: Nguyen et al. 2022, arXiv:2106.06639, Algorithm 1, with weight 1 / √(1 + s) of staleness s (its §5; Xie et al. 2019, arXiv:1903.03934, with a = 1/2). As there, the discounted updates are divided by what fresh ones would weigh. A report goal of
/// one update merges each as it comes (FedAsync). Weights are whole numbers of 1/256, within 1 % of the formula, so that sums stay exact and their order shows nowhere.</remarks>
/// <param name="maxStaleness">Most steps that an update's model may be behind, 0 or more; an older update is late.</param>
public sealed class BufferedRules(int maxStaleness) : IRoundRules
{
    /// <summary>What a fresh update counts.</summary>
    public const int WholeWeight = 256;

    /// <summary>Most steps that an update may be behind where a run does not say: 20.</summary>
    public const int UsualMaxStaleness = 20;

    private const int GoalsOfCohort = 10;

    /// <summary>Most steps that an update's model may be behind.</summary>
    public int MaxStaleness { get; } = maxStaleness >= 0 ? maxStaleness : throw new ArgumentOutOfRangeException(nameof(maxStaleness), maxStaleness, "Staleness is 0 or more.");

    /// <summary>What an update counts, of <see cref="WholeWeight"/>.</summary>
    /// <param name="staleness">Steps that its model is behind, 0 or more.</param>
    public static int WeightOf(int staleness) => (int)Math.Round(WholeWeight / Math.Sqrt(1.0 + staleness));

    /// <summary>Clients in training at once, and updates that make a step: a tenth of them where the options do not say.</summary>
    /// <param name="cohort">What the run asks for: <see cref="CohortOptions.Size"/> clients at once, a step for each <see cref="CohortOptions.ReportGoal"/> updates.</param>
    /// <param name="clients">Clients that there are.</param>
    public static CohortOptions Complete(CohortOptions cohort, int clients)
    {
        var size = cohort.SizeOf(clients);
        return cohort with { Size = size, ReportGoal = cohort.ReportGoal > 0 ? Math.Min(cohort.ReportGoal, size) : ((size - 1) / GoalsOfCohort) + 1 };
    }

    /// <summary>Refuses a learner whose updates are right only in a round that waits for its cohort.</summary>
    /// <param name="learner">The learner of the run.</param>
    /// <param name="steps">What each update goes through at its client.</param>
    /// <param name="mode">The mode that is asked for, for the message.</param>
    /// <exception cref="ArgumentException">Its clients send exact statistics or keep state, or its phases differ in what clients send; the message says what to do.</exception>
    public static void ThrowUnlessUsable(ILearner learner, UpdatePipeline steps, string mode)
    {
        if (steps.KeepsState)
        {
            throw new ArgumentException($"mode is {mode}, but a step of steps keeps what it has not sent for the next round of its client; leave topk out.");
        }

        var recipe = learner.Recipe(LearningPhase.Training);
        var why = recipe.KeepsState ? "has clients keep state that goes with the model of a round"
            : recipe.Step != StepRule.Optimizer || recipe.Who == Participation.Everybody ? "adds up exact statistics, of which a part that counts less is wrong"
            : learner.Recipe(learner.PhaseOf(learner.Initialize(0))) is { Who: Participation.Cohort } first && first.Update.Length != recipe.Update.Length ? "changes what clients send in mid-run"
            : null;
        if (why is not null)
        {
            throw new ArgumentException($"mode is {mode}, but with these options {learner.Name} {why}; leave mode out, or take mf, ncf, two-tower or mlp as they are.");
        }
    }

    /// <inheritdoc/>
    public int Unit => WholeWeight;

    /// <inheritdoc/>
    public int WeightOf(RoundPlan plan, int round) => WeightOf(plan.Number - round);

    /// <inheritdoc/>
    public bool Admits(RoundPlan plan, int round, long baseVersion) => round <= plan.Number && plan.Number - round <= MaxStaleness;

    /// <inheritdoc/>
    public RoundDecision Decide(RoundPlan plan, RoundPhase phase, RoundTally tally) => SynchronousRules.Instance.Decide(plan, phase, tally);
}
