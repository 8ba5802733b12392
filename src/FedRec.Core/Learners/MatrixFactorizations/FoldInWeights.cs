namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>The quadratic in the user vector u that a fold-in minimises when all own items count 1:
/// uᵀ(Observed·Σ v·vᵀ + All·VᵀV − Cross·(s·rᵀ + r·sᵀ) + Ridge·I)u − 2uᵀ(Target·s − Rest·Σ_all v), where Σ goes over the user's own
/// items, s is the sum of their vectors and r that of all other items. An own item that counts w instead of 1 adds
/// uᵀ((w − 1)·v·vᵀ)u − 2·Pull·(w − 1)·uᵀv, and with Cross s is the sum of w·v.</summary>
/// <param name="Observed">Weight of an own item's square.</param>
/// <param name="All">Weight of any item's square.</param>
/// <param name="Ridge">L2 of u; greater than 0.</param>
/// <param name="Target">Pull of an own item.</param>
/// <param name="Rest">Push of any item.</param>
/// <param name="Pull">What the pull of an own item grows with its weight.</param>
/// <param name="Cross">Weight of the products of an own with another item.</param>
internal readonly record struct FoldInWeights(double Observed, double All, double Ridge, double Target, double Rest, double Pull, double Cross = 0)
{
    /// <summary>The weights for a user with a number of own items that count 1 each.</summary>
    public static FoldInWeights For(MatrixFactorizationOptions options, int own, int items) => For(options, own, own, items);

    /// <summary>The weights for a user with a number of own items, which count <paramref name="total"/> together.</summary>
    /// <remarks>A weight is a number of times: an item that counts 2 gives what two such items would give.</remarks>
    public static FoldInWeights For(MatrixFactorizationOptions options, int own, double total, int items) => options.Objective switch
    {
        MatrixFactorizationObjective.LeastSquares =>
            new(1, options.Alpha, options.UserPenalty * (total + (options.Alpha * items)), 1, 0, 1),
        MatrixFactorizationObjective.Pairwise => Pairwise(options, total, items - own),
        _ => Logistic(options, own, total, items),
    };

    /// <summary>As for logistic, of the expected loss of pairs: with x = u·(v − w), where w is any other item equally likely,
    /// E x² = uᵀ(v·vᵀ − v·w̄ᵀ − w̄·vᵀ + E w·wᵀ)u.</summary>
    private static FoldInWeights Pairwise(MatrixFactorizationOptions options, double total, int others)
    {
        var c = others == 0 ? 0.0 : total / others;
        return new(1 - c, c, 4 * options.UserPenalty * total, 2 * (1 + c), 2 * c, 2, 1.0 / Math.Max(others, 1));
    }

    /// <summary>Four times the second-order expansion around u = 0 of the expected cross-entropy with sampled negatives, so that
    /// the fold-in is one Newton step: ln(1 + e⁻ˣ) ≈ ln 2 − x/2 + x²/8, and each other item counts with its chance c to be drawn.</summary>
    private static FoldInWeights Logistic(MatrixFactorizationOptions options, int own, double total, int items)
    {
        var others = items - own;
        var negatives = Math.Min(options.Negatives * own, others);
        var c = others == 0 ? 0.0 : (double)negatives / others;
        return new(1 - c, c, 4 * options.UserPenalty * (total + negatives), 2 * (1 + c), 2 * c, 2);
    }
}
