namespace FedRec.Core.Audits;

/// <summary>What an auditor has guessed of canaries, each of which was in or out by a fair coin of its own.</summary>
/// <param name="Canaries">How many there were.</param>
/// <param name="Guesses">Of how many a guess was made; the others were left out.</param>
/// <param name="Right">How many guesses were right.</param>
public readonly record struct CanaryGuesses(int Canaries, int Guesses, int Right);

/// <summary>The ε that a mechanism has at least, from one run of it.</summary>
/// <remarks>Steinke, Nasr and Jagielski 2023, arXiv:2305.08846: were the run (ε, δ)-private, the right guesses would not be more than those of randomised response, which is right with a chance of e^ε / (1 + e^ε),
/// but for a part that grows with δ and the canaries (§5, appendix D).</remarks>
public static class OneRunBound
{
    private const double MostEpsilon = 64;
    private const int Halvings = 50;

    /// <summary>The largest ε that the guesses rule out, 0 or more.</summary>
    /// <param name="guesses">Made by a rule that was fixed before.</param>
    /// <param name="delta">δ, in [0, 1).</param>
    /// <param name="confidence">Chance at least that the bound is true, in (0, 1).</param>
    public static double Epsilon(CanaryGuesses guesses, double delta, double confidence)
    {
        var (low, high) = (0.0, MostEpsilon);
        if (ChanceOf(guesses, 0, delta) >= 1 - confidence)
        {
            return 0;
        }

        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = ChanceOf(guesses, middle, delta) < 1 - confidence ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>The best of several rules that all looked at the same run; each has its part of the mistakes that may be made.</summary>
    /// <param name="rules">What came of each, at least one.</param>
    /// <param name="delta">As for the other.</param>
    /// <param name="confidence">That the bound is true.</param>
    public static double Epsilon(IReadOnlyCollection<CanaryGuesses> rules, double delta, double confidence) =>
        rules.Max(guesses => Epsilon(guesses, delta, 1 - ((1 - confidence) / rules.Count)));

    /// <summary>The most chance that an (ε, δ)-private run has to be guessed so well.</summary>
    /// <param name="guesses">What was guessed.</param>
    /// <param name="epsilon">ε, 0 or more.</param>
    /// <param name="delta">δ.</param>
    public static double ChanceOf(CanaryGuesses guesses, double epsilon, double delta)
    {
        var right = 1 / (1 + Math.Exp(-epsilon));
        var (largest, sum) = (0.0, 0.0);
        for (var missing = 1; missing <= guesses.Right; missing++)
        {
            sum += BinomialBounds.Exactly(guesses.Right - missing, guesses.Guesses, right);
            largest = Math.Max(largest, sum / missing);
        }

        return Math.Min(1, BinomialBounds.AtLeast(guesses.Right, guesses.Guesses, right) + (2 * guesses.Canaries * delta * largest));
    }
}
