using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners.ShallowAutoencoders;
using FedRec.Core.Snapshots;

namespace FedRec.Core.Learners.PrincipalComponents;

/// <summary>The means of one version; item vectors are derived when they are first needed, once for all threads.</summary>
/// <param name="parameters">The version's values.</param>
/// <param name="phase">Where the run stands with them.</param>
/// <param name="learner">What made it.</param>
internal sealed class PcaModel(ReadOnlyMemory<float> parameters, LearningPhase phase, Pca learner) : PreparedModel(parameters, phase), IDerivedWeights
{
    private const float Behind = 0.01f; // what an item whose pairs are not counted counts of how often it is met
    private readonly Lazy<CommonItems> _common = new(() =>
    {
        var means = learner.MeansOf(parameters);
        return CommonItems.Choose(means.Items.Span, means.ItemNoise, learner.Places);
    });

    private Lazy<Task<FactoredWeights>>? _weights;

    /// <inheritdoc/>
    public override IDerivedWeights? Derived => Phase.Rounds < 2 ? null : this;

    /// <summary>The items whose pairs are counted.</summary>
    public CommonItems Common => _common.Value;

    /// <summary>Mean of the users' vectors, a value an item.</summary>
    public ReadOnlySpan<float> Popularity => learner.MeansOf(Parameters).Items.Span;

    /// <summary>The weights; whoever needs them first waits for them.</summary>
    public FactoredWeights Weights => Solved.GetAwaiter().GetResult();

    /// <inheritdoc/>
    public bool IsReady => _weights is { IsValueCreated: true, Value.IsCompletedSuccessfully: true };

    /// <inheritdoc/>
    public string? Work => null;

    private Task<FactoredWeights> Solved => LazyInitializer.EnsureInitialized(
        ref _weights, () => new Lazy<Task<FactoredWeights>>(() => Task.Factory.StartNew(Solve, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).Value;

    /// <inheritdoc/>
    public Task DeriveAsync() => Solved;

    /// <inheritdoc/>
    public ModelSnapshot ToSnapshot() => IsReady ? Weights.ToSnapshot() : throw new InvalidOperationException("The weights are not solved for yet.");

    /// <inheritdoc/>
    public void Take(ModelSnapshot snapshot)
    {
        var weights = Task.FromResult(FactoredWeights.Read(snapshot, Popularity.Length));
        _weights = new Lazy<Task<FactoredWeights>>(weights);
    }

    // What everybody has in common is a direction beside the others, and counts in full. Items whose pairs are not counted have it alone, and come behind.
    private FactoredWeights Solve()
    {
        var means = learner.MeansOf(Parameters);
        var (items, common) = (Common.Items, Common.Direction);
        var directions = Directions.Find(Matrix(means.Pairs.Span, items.Length), Deviation(means, items.Length));
        var rank = (directions.Length / items.Length) + 1;
        var all = means.Items.Span;
        var vectors = new float[all.Length * rank];
        var length = 0.0;
        foreach (var item in items)
        {
            length += (double)Math.Max(0, all[item]) * Math.Max(0, all[item]);
        }

        for (var item = 0; item < all.Length; item++)
        {
            vectors[(item * rank) + rank - 1] = length > 0 ? (float)(Behind * Math.Max(0, all[item]) / Math.Sqrt(length)) : 0;
        }

        for (var place = 0; place < items.Length; place++)
        {
            var vector = vectors.AsSpan(items[place] * rank, rank);
            directions.AsSpan(place * (rank - 1), rank - 1).CopyTo(vector);
            vector[^1] = common[place];
        }

        var scales = new float[all.Length];
        scales.AsSpan().Fill(1);
        return new FactoredWeights(vectors, scales);
    }

    private static double[] Matrix(ReadOnlySpan<float> triangle, int size)
    {
        var matrix = new double[size * size];
        var next = 0;
        for (var row = 0; row < size; row++)
        {
            matrix[(row * size) + row] = triangle[next++];
            for (var column = row + 1; column < size; column++)
            {
                matrix[(row * size) + column] = matrix[(column * size) + row] = triangle[next++] / Math.Sqrt(2);
            }
        }

        return matrix;
    }

    // Beside the noise that was added there is that of so many users being drawn from all there could be: each adds a matrix of length 1, spread over all places. It is held to be somewhat larger than that, as users are alike.
    private static double Deviation(PcaMeans means, int size) =>
        Math.Sqrt((means.PairNoise * means.PairNoise / 2) + (4.0 / ((double)Math.Max(1, means.Clients) * size * size)));
}
