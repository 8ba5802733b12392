using System.Numerics.Tensors;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Privacy;
using FedRec.Core.Updates;

namespace FedRec.Core.Federation;

/// <summary>Trains the model of another learner, whose clients clip their updates to a norm that adapts: <see cref="AdaptiveClipping"/>.</summary>
/// <remarks>The norm is one parameter more, the last, and the indicators are one place more of an update. So the norm goes wherever the model goes: to clients in any process, under the same hash and masks,
/// into each checkpoint, and into versions, with one of which a further run goes on.</remarks>
public sealed class AdaptivelyClippedLearner : ILearner
{
    private readonly ILearner _inner;
    private readonly AdaptiveClipping _clipping;
    private readonly (RoundRecipe Inner, RoundRecipe Outer) _recipe;

    /// <summary>Puts adaptive clipping around a learner.</summary>
    /// <param name="inner">The learner.</param>
    /// <param name="clipping">Quantile and first norm.</param>
    /// <exception cref="ArgumentException">There is nothing to clip in what its clients send.</exception>
    public AdaptivelyClippedLearner(ILearner inner, AdaptiveClipping clipping)
    {
        var recipe = inner.Recipe(LearningPhase.Training);
        if (!recipe.Update.IsAll(BlockRole.Delta) || recipe.Step != StepRule.Optimizer || inner.Phases.Append(inner.PhaseOf(inner.Initialize(0))).Any(phase => inner.Recipe(phase) != recipe))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"clip-quantile is {clipping.Quantile}, but with these options not all that clients of {inner.Name} send is a direction of which the norm could be followed; leave it out, or take ncf, or mf with objective logistic or bpr."), nameof(inner));
        }

        (_inner, _clipping, Parameters) = (inner, clipping, new ParameterLayout([.. inner.Parameters.Blocks, new ParameterBlock("clip_norm", 1, 1)]));
        _recipe = (recipe, recipe with { Update = new UpdateLayout([.. recipe.Update.Blocks, new UpdateBlock("within_clip_norm", 1, 1, BlockRole.Delta, AdaptiveClipping.IndicatorLength)]), Download = recipe.Download + 1 });
    }

    /// <summary>The learner of the model.</summary>
    public ILearner Inner => _inner;

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public ParameterLayout Parameters { get; }

    /// <inheritdoc/>
    public double LargestUpdate => _inner.LargestUpdate;

    /// <inheritdoc/>
    public IReadOnlyList<BlockMeaning>? Meanings => _inner.Meanings is { } meanings ? [.. meanings, BlockMeaning.Anew] : null;

    /// <summary>The norm of the next round.</summary>
    /// <param name="parameters">P values.</param>
    public static double NormIn(ReadOnlySpan<float> parameters) => parameters[^1];

    /// <summary>The learner of the model, where one is clipped so; otherwise itself.</summary>
    public static ILearner Unwrapped(ILearner learner) => learner is AdaptivelyClippedLearner clipped ? clipped.Inner : learner;

    /// <summary>The model itself, where its learner is clipped so.</summary>
    public static PreparedModel Unwrapped(PreparedModel model) => model is AdaptivelyClippedModel clipped ? clipped.Inner : model;

    /// <inheritdoc/>
    public RoundRecipe Recipe(LearningPhase phase) => _recipe.Outer;

    /// <inheritdoc/>
    public LearningPhase PhaseOf(ReadOnlySpan<float> version) => _inner.PhaseOf(version[..^1]);

    /// <inheritdoc/>
    public ReadOnlyMemory<float> ToVersion(ReadOnlyMemory<float> parameters, LearningPhase phase) => With(_inner.ToVersion(parameters[..^1], phase), parameters.Span[^1]);

    /// <inheritdoc/>
    public ReadOnlyMemory<float> BeginWith(ReadOnlyMemory<float> version) => With(_inner.BeginWith(version[..^1]), version.Span[^1]);

    /// <inheritdoc/>
    public bool IsComplete(LearningPhase phase) => _inner.IsComplete(phase);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Chosen(ReadOnlySpan<float> parameters) => _inner.Chosen(parameters[..^1]);

    /// <inheritdoc/>
    public float[] Initialize(ulong seed) => With(_inner.Initialize(seed), (float)_clipping.InitialNorm);

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters, LearningPhase phase) => parameters.Length == Parameters.Length
        ? new AdaptivelyClippedModel(parameters, phase, _inner.Prepare(parameters[..^1], phase))
        : throw new ArgumentException($"{parameters.Length} values are not the {Parameters.Length} of {Name} with its clip norm.", nameof(parameters));

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker() => AdaptivelyClippedWorker.Around(_inner.CreateWorker(), _recipe.Inner.Update);

    /// <inheritdoc/>
    public StepProposal Conclude(ServerState state, IAggregate aggregate, Span<float> delta)
    {
        var norm = NormIn(state.Parameters.Span);
        var proposal = _inner.Conclude(ServerState.Initial(state.Parameters[..^1]) with { Phase = state.Phase }, new InNorms(aggregate, norm / AdaptiveClipping.UpdateLength), delta[..^1]);
        var sum = aggregate.Sum;
        var indicators = sum.Values[^1] / (double)sum.Weight; // the mean; with privacy, over the clients that were expected
        delta[^1] = (float)(_clipping.Next(norm, 0.5 + (indicators / (2 * AdaptiveClipping.IndicatorLength))) - norm);
        return proposal with { Exact = proposal.Exact + 1 };
    }

    private static float[] With(ReadOnlyMemory<float> values, float norm) => [.. values.Span, norm];

    // Updates as they were before they were divided by the clip norm.
    private sealed class InNorms(IAggregate aggregate, double unit) : IAggregate
    {
        public int Clients => aggregate.Clients;

        public FixedPointSum Sum => throw new InvalidOperationException("Sums of clipped updates are directions only.");

        public double NoiseOfMean => aggregate.NoiseOfMean * unit;

        public void Mean(Span<float> mean)
        {
            aggregate.Mean(mean);
            TensorPrimitives.Multiply(mean, (float)unit, mean);
        }
    }
}

/// <summary>A model with the norm to which clients clip that train it.</summary>
/// <param name="parameters">All of them, the norm last.</param>
/// <param name="phase">Where the run stands with them.</param>
/// <param name="inner">The model.</param>
internal sealed class AdaptivelyClippedModel(ReadOnlyMemory<float> parameters, LearningPhase phase, PreparedModel inner) : PreparedModel(parameters, phase)
{
    /// <summary>The model itself.</summary>
    public PreparedModel Inner => inner;

    /// <inheritdoc/>
    public override IDerivedWeights? Derived => inner.Derived;
}
