namespace FedRec.Core.Federation;

/// <summary>Stops a run when its validation metric no longer rises.</summary>
/// <param name="Patience">Evaluations without a better value before stopping; 0 to never stop.</param>
/// <param name="Best">Best value so far.</param>
/// <param name="BestRound">Round of the best value; 0 before the first.</param>
/// <param name="Waited">Evaluations since then.</param>
public sealed record EarlyStopping(int Patience, double Best = double.NegativeInfinity, int BestRound = 0, int Waited = 0)
{
    /// <summary>True when the plateau has lasted for <see cref="Patience"/> evaluations.</summary>
    public bool ShouldStop => Patience > 0 && Waited >= Patience;

    /// <summary>Takes in one evaluation.</summary>
    /// <param name="round">The round evaluated.</param>
    /// <param name="value">The metric; higher is better.</param>
    /// <returns>The state after it.</returns>
    public EarlyStopping Observe(int round, double value) => value > Best
        ? this with { Best = value, BestRound = round, Waited = 0 }
        : this with { Waited = Waited + 1 };
}
