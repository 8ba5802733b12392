using System.Globalization;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.PrincipalComponents;

/// <summary>PCA of users' items: item–item weights from the leading directions of how items are met together, in two rounds. Made for noise.</summary>
/// <remarks>Dwork et al. 2014, "Analyze Gauss": one sum of all that is to be known, with noise once, tells far more than a hundred sums of gradients with noise in each.
/// Every user counts alike, as a vector of length 1, and so does what is sent of it: what one more or less can change is known without looking. First the items' means: which items are met often enough to be
/// told from noise, and what everybody has in common. What everybody has in common is then left out of the users' vectors before they are scaled, so that all of their length goes into what tells
/// users apart. What stands out of the noise among the second sum's directions is the model (<see cref="Directions"/>); it follows from the two sums alone, so nothing more of anybody is told by it.
/// <para>The shared parameters are the two means and what noise they have; scoring derives the weights, as for <c>ease</c>. A run begins anew from whatever version it is started.</para></remarks>
public sealed class Pca : ILearner
{
    /// <summary>Noise of the first round, as a multiple of that of the second: a tenth of what may be told goes into the items' means.</summary>
    public const double CountingNoise = 3;

    private const int SettingsLength = 4;
    private static readonly LearningPhase s_counts = new("counts");
    private static readonly LearningPhase s_pairs = new("pairs", 1);
    private static readonly LearningPhase s_done = new("done", 2);
    private readonly FederationShape _shape;
    private readonly PcaOptions _options;
    private readonly RoundRecipe _countRound;
    private readonly RoundRecipe _pairRound;

    /// <summary>Creates the learner for one catalogue.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="shape">Items, and whether the data has times.</param>
    public Pca(PcaOptions options, FederationShape shape)
    {
        (_options, _shape) = (options, shape);
        Places = Math.Min(options.CommonItems, shape.Items);
        var pairs = checked(Places * (Places + 1) / 2);
        Parameters = new ParameterLayout([new ParameterBlock("item_means", 1, shape.Items), new ParameterBlock("pair_means", 1, pairs), new ParameterBlock("settings", 1, SettingsLength)]);
        _countRound = new RoundRecipe(
            new UpdateLayout(new UpdateBlock("item_means", 1, shape.Items, BlockRole.Delta, 1)), Participation.Everybody, WeightRule.One, StepRule.Sum, Download: 0)
        { Noise = CountingNoise };
        _pairRound = new RoundRecipe(
            new UpdateLayout(new UpdateBlock("pair_means", 1, pairs, BlockRole.Delta, 1)), Participation.Everybody, WeightRule.One, StepRule.Sum, Download: shape.Items);
    }

    /// <inheritdoc/>
    public string Name => "pca";

    /// <inheritdoc/>
    public ParameterLayout Parameters { get; }

    /// <summary>The most items whose pairs are counted.</summary>
    internal int Places { get; }

    /// <inheritdoc/>
    public RoundRecipe Recipe(LearningPhase phase) => phase.Rounds == 0 ? _countRound : _pairRound;

    /// <inheritdoc/>
    public IEnumerable<LearningPhase> Phases => [s_counts, s_pairs];

    /// <inheritdoc/>
    public LearningPhase PhaseOf(ReadOnlySpan<float> version) => (int)version[^SettingsLength] switch { 0 => s_counts, 1 => s_pairs, _ => s_done };

    /// <inheritdoc/>
    public bool IsComplete(LearningPhase phase) => phase.Rounds >= 2;

    /// <inheritdoc/>
    public float[] Initialize(ulong seed) => new float[Parameters.Length];

    /// <inheritdoc/>
    public ReadOnlyMemory<float> BeginWith(ReadOnlyMemory<float> version) => Initialize(0);

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters, LearningPhase phase) => parameters.Length == Parameters.Length
        ? new PcaModel(parameters, phase, this)
        : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{parameters.Length} values are not the {Parameters.Length} of {_shape.Items} items and the pairs of {Places}."), nameof(parameters));

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker() => new PcaWorker(_options);

    /// <inheritdoc/>
    public StepProposal Conclude(ServerState state, IAggregate aggregate, Span<float> delta)
    {
        var now = state.Parameters.Span;
        delta.Clear();
        var isFirst = state.Phase.Rounds == 0;
        var block = isFirst ? 0 : 1;
        var (first, length) = (Parameters.Offset(block), Parameters.Blocks[block].Length);
        aggregate.Mean(delta.Slice(first, length));
        for (var place = first; place < first + length; place++)
        {
            delta[place] -= now[place];
        }

        var settings = delta[^SettingsLength..];
        settings[0] = state.Phase.Rounds + 1 - now[^SettingsLength];
        settings[1 + block] = (float)aggregate.NoiseOfMean - now[^(SettingsLength - 1 - block)];
        settings[3] = aggregate.Clients - now[^1];
        return new StepProposal(isFirst ? s_pairs : s_done, Exact: delta.Length);
    }

    /// <summary>The means of a version, as far as there are any.</summary>
    internal PcaMeans MeansOf(ReadOnlyMemory<float> version) => new(
        version[.._shape.Items], version.Slice(_shape.Items, Parameters.Blocks[1].Length), version.Span[^3], version.Span[^2], (int)version.Span[^1]);
}

/// <summary>What a version says of its users.</summary>
/// <param name="Items">Mean of the users' vectors of length 1, a value an item.</param>
/// <param name="Pairs">Mean of the upper triangles of their products, row after row, in which what is not on the diagonal is √2 times itself, so that lengths are those of whole matrices.</param>
/// <param name="ItemNoise">Standard deviation of the noise in each of <paramref name="Items"/>.</param>
/// <param name="PairNoise">Standard deviation of the noise in each of <paramref name="Pairs"/>.</param>
/// <param name="Clients">Clients that the means are of, as far as they are told.</param>
internal sealed record PcaMeans(ReadOnlyMemory<float> Items, ReadOnlyMemory<float> Pairs, float ItemNoise, float PairNoise, int Clients);
