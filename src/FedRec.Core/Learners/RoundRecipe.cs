using FedRec.Core.Updates;

namespace FedRec.Core.Learners;

/// <summary>Who is asked in a round.</summary>
public enum Participation
{
    /// <summary>A cohort, as large as the run's settings say.</summary>
    Cohort,

    /// <summary>All clients, whatever the settings: what they add up is right only of all of them.</summary>
    Everybody,
}

/// <summary>What a client's update counts in the sum.</summary>
public enum WeightRule
{
    /// <summary>What the run's weighting says.</summary>
    AsWeighted,

    /// <summary>1, so that the sum is the sum.</summary>
    One,
}

/// <summary>What the server may do with the sum.</summary>
public enum StepRule
{
    /// <summary>Step along its mean by the run's optimizer, with the run's weights.</summary>
    Optimizer,

    /// <summary>Add its plain mean, and nothing else: server optimizer <c>sgd</c> with learning rate 1 and without momentum, and uniform weights.</summary>
    Mean,

    /// <summary>Add it: exact statistics, of which neither a part of the clients nor another weight or step is right.</summary>
    Sum,
}

/// <summary>What a round is: what clients send, who is asked, how they are weighted, and what they need and keep. A learner has one for each phase.</summary>
/// <param name="Update">Layout of what clients send in this phase.</param>
/// <param name="Who">Who is asked. Default: a cohort.</param>
/// <param name="Weights">What a client counts. Default: what the run's weighting says.</param>
/// <param name="Step">What the server may do with the sum. Default: what the run's optimizer does.</param>
/// <param name="Download">Parameters that a client needs in order to train; null for all of them. Default: null.</param>
/// <param name="KeepsState">Whether clients keep something private from round to round that cannot be derived, such as control variates;
/// it is stored with the client before its update is counted. Default: false.</param>
public sealed record RoundRecipe(
    UpdateLayout Update,
    Participation Who = Participation.Cohort,
    WeightRule Weights = WeightRule.AsWeighted,
    StepRule Step = StepRule.Optimizer,
    int? Download = null,
    bool KeepsState = false)
{
    /// <summary>Noise of a private run in this phase, as a multiple of that of the others: a sum of which less has to be known leaves more of the budget to them. Default: 1.</summary>
    public double Noise { get; init; } = 1;
}
