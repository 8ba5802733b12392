using System.Globalization;
using System.Numerics;
using FedRec.Core.Learners;

namespace FedRec.Core.Federation;

/// <summary>A client's share in the weighted mean.</summary>
/// <remarks>Only ratios of weights matter, as the mean divides by their sum. Each kind therefore has a unit that keeps weight · value
/// inside what a sum can carry (<see cref="Aggregation.FixedPoint"/>), even where a client sums over thousands of users, and leaves enough of its resolution.
/// <list type="bullet">
/// <item><c>examples</c>: the examples trained on (McMahan et al. 2017, arXiv:1602.05629), in a unit that follows the largest client
/// (<see cref="For"/>); <c>capped</c> is the same and insists on a cap.</item>
/// <item><c>uniform</c>: every client alike.</item>
/// <item><c>inverse</c>: 1 / examples. Where a client's local steps grow with its examples, this is the mean of deltas per step, the
/// direction of FedNova with equal clients (Wang et al. 2020, arXiv:2007.07481): long histories no longer drown short ones.</item>
/// <item><c>loss</c>: the client's mean training loss, in [1/8, 8], so that clients the model serves badly count more but never more than 64 times
/// as much. q-FedAvg of Li et al. 2020, arXiv:1905.10497, weighs by loss to the power q; this is its q = 1 with bounds, and without its
/// estimate of the step size, which the server optimizer's learning rate takes the place of.</item>
/// </list></remarks>
/// <param name="Name"><c>examples</c>, <c>uniform</c>, <c>inverse</c> or <c>loss</c>.</param>
/// <param name="Cap">Largest weight of one client before the unit is applied (examples, 1 / examples, loss); 0 for none of its own.</param>
public sealed record ClientWeighting(string Name, double Cap)
{
    private const int LeastMost = 1 << 14;
    private const int MostMost = 1 << 24; // beyond it the weights of small clients would be too coarse
    private const int PerInteraction = 16; // examples, with 15 negatives for each
    private const double LargestWeight = 4; // leaves room for what one client sums over thousands of users
    private const double MaxInverseExamples = 1 << 20; // further examples take no weight
    private const double InverseUnit = 1 << 10; // in [1/1024, 1024]
    private const double LossBound = 8;
    private const double MostCap = 1e9;

    /// <summary>Examples with which a client has the largest weight there is, 4; further ones add none. Default: 16,384.</summary>
    public int MostExamples { get; private init; } = LeastMost;

    /// <summary>The names, for texts.</summary>
    public static IReadOnlyList<string> Names { get; } = ["examples", "capped", "uniform", "inverse", "loss"];

    /// <summary>Reads the name users give it.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="cap">At least 0; above 0 with <c>capped</c>.</param>
    /// <exception cref="ArgumentException">Another name, or a cap that is not allowed.</exception>
    public static ClientWeighting Parse(string name, double cap) => (name, cap) switch
    {
        (_, < 0 or double.NaN) => throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Weight cap {cap} must be 0 (no cap) or more."), nameof(cap)),
        ("capped", 0) => throw new ArgumentException("Weighting 'capped' needs a weight cap above 0, in examples.", nameof(cap)),
        ("capped", _) => new ClientWeighting("examples", cap),
        ("examples" or "uniform" or "inverse" or "loss", _) => new ClientWeighting(name, cap),
        _ => throw new ArgumentException($"Unknown weighting '{name}'; use {string.Join(", ", Names)}.", nameof(name)),
    };

    /// <summary>Refuses a cap with which a run would not do what it is asked for. One that was stored is still read.</summary>
    /// <exception cref="ArgumentException">The cap says nothing, or would be rounded to nothing.</exception>
    public static void ThrowIfUseless(string name, double cap)
    {
        if (name == "uniform" && cap != 0)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"weight-cap is {cap}; weighting uniform has none, as all clients count alike: leave it out."));
        }

        if (name != "uniform" && cap != 0 && !(cap >= LeastCap(name) && cap <= MostCap))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"weight-cap is {cap}; with weighting {name} it must be 0 (no cap) or {LeastCap(name)} to {MostCap} ({UnitOf(name)}); below that all clients count alike, as with uniform."));
        }
    }

    /// <summary>The least weight that a client can have before the cap, in the unit of the cap: a smaller cap would be every client's weight, and one
    /// far below it would be rounded to nothing in the sum.</summary>
    private static double LeastCap(string name) => name switch
    {
        "inverse" => 1 / MaxInverseExamples,
        "loss" => 1 / LossBound,
        _ => 1,
    };

    private static string UnitOf(string name) => name switch { "inverse" => "1 / examples", "loss" => "loss", _ => "examples" };

    /// <summary>The same weighting for clients of such sizes: none of them reaches <see cref="MostExamples"/>, up to 16 examples per interaction
    /// and 16,777,216 examples.</summary>
    /// <remarks>Only the power of two above the largest size counts, so the exact one is not revealed by it.</remarks>
    /// <param name="sizes">Interactions of each client, at least one client.</param>
    public ClientWeighting For(IEnumerable<int> sizes)
    {
        var largest = (long)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, sizes.Max()));
        return this with { MostExamples = (int)Math.Clamp(PerInteraction * largest, LeastMost, MostMost) };
    }

    /// <summary>Examples of a client as far as weighting <c>examples</c> counts them: at least 1, at most <see cref="MostExamples"/> and the cap.</summary>
    public int Clamped(int examples) => (int)Math.Max(1, Capped(Math.Clamp(examples, 1, MostExamples)));

    /// <summary>Weight of a client's update.</summary>
    /// <param name="result">What the client reports of its training.</param>
    /// <returns>Greater than 0, so that a client without examples still counts as present; not a number when it depends on a loss that is none.</returns>
    public double WeightOf(LocalResult result) => Name switch
    {
        "examples" => LargestWeight / MostExamples * Capped(Math.Clamp(result.Examples, 1, MostExamples)),
        "inverse" => InverseUnit * Capped(1 / Math.Clamp(result.Examples, 1, MaxInverseExamples)),
        "loss" => Capped(Math.Clamp(result.Loss, 1 / LossBound, LossBound)),
        _ => Capped(1),
    };

    /// <summary>The largest weight that a client can have.</summary>
    public double MostWeight => Name switch
    {
        "examples" => LargestWeight / MostExamples * Capped(MostExamples),
        "inverse" => InverseUnit * Capped(1),
        "loss" => Capped(LossBound),
        _ => Capped(1),
    };

    private double Capped(double weight) => Cap > 0 && weight > Cap ? Cap : weight;
}
