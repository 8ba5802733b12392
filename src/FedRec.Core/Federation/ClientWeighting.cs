namespace FedRec.Core.Federation;

/// <summary>A client's share in the weighted mean.</summary>
/// <param name="ByExamples">Weight by the number of examples (McMahan et al. 2017); otherwise every client weighs 1.</param>
/// <param name="Cap">Largest weight of one client; 0 for no cap beyond what sums can carry.</param>
public sealed record ClientWeighting(bool ByExamples, double Cap)
{
    // Above this a contribution's values would leave little range in a sum; examples beyond it no longer add weight.
    private const double Ceiling = 1 << 14;

    /// <summary>Reads the name users give it.</summary>
    /// <param name="name"><c>examples</c> or <c>uniform</c>.</param>
    /// <param name="cap">At least 0.</param>
    /// <exception cref="ArgumentException">Another name, or a negative cap.</exception>
    public static ClientWeighting Parse(string name, double cap) => (name, cap) switch
    {
        (_, < 0 or double.NaN) => throw new ArgumentException($"Weight cap {cap} must be 0 (no cap) or more.", nameof(cap)),
        ("examples", _) => new ClientWeighting(true, cap),
        ("uniform", _) => new ClientWeighting(false, cap),
        _ => throw new ArgumentException($"Unknown weighting '{name}'; use examples or uniform.", nameof(name)),
    };

    /// <summary>Weight of a client with that many examples; at least the smallest a sum can carry, so it still counts as present.</summary>
    public double WeightOf(int examples)
    {
        var weight = ByExamples ? Math.Max(1, examples) : 1.0;
        return Math.Min(weight, Cap > 0 ? Math.Min(Cap, Ceiling) : Ceiling);
    }
}
