using System.Collections.Concurrent;

namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>The summed counts of one version; weights are solved when they are first needed, once for all threads.</summary>
internal sealed class EaseModel(ReadOnlyMemory<float> parameters, ParameterLayout layout, ICoOccurrences counts, int items, double dropout) : PreparedModel(parameters)
{
    private readonly ConcurrentDictionary<double, Lazy<IItemWeights>> _weights = new();
    private readonly Lazy<float[]> _popularity = new(() =>
    {
        var popularity = new float[items];
        counts.Counts(parameters.Span, popularity);
        return popularity;
    });

    /// <summary>λ of this version; 0 while it is not chosen yet.</summary>
    public double Lambda => Setting(0);

    /// <summary>Rounds whose sums are in this version.</summary>
    public int Rounds => (int)Setting(1);

    /// <summary>Whether anybody's items are in it.</summary>
    public bool IsEmpty => Parameters.Span[..layout.Offset(layout.Blocks.Length - 1)].IndexOfAnyExcept(0f) < 0;

    /// <summary>Users who have met each item.</summary>
    public ReadOnlySpan<float> Popularity => _popularity.Value;

    /// <summary>The weights under a λ.</summary>
    /// <param name="lambda">Greater than 0.</param>
    public IItemWeights Weights(double lambda) =>
        _weights.GetOrAdd(lambda, key => new Lazy<IItemWeights>(() => counts.Solve(Parameters.Span, Penalties(key)))).Value;

    // Predicting an item from others of which a share p is dropped at random adds p / (1 − p) times an item's count to its penalty
    // (Steck 2020, "Autoencoders that don't overfit towards the identity", §3.1).
    private double[] Penalties(double lambda)
    {
        var penalties = new double[items];
        for (var item = 0; item < items; item++)
        {
            penalties[item] = lambda + (dropout / (1 - dropout) * Popularity[item]);
        }

        return penalties;
    }

    private float Setting(int index) => Parameters.Span[layout.Offset(layout.Blocks.Length - 1) + index];
}
