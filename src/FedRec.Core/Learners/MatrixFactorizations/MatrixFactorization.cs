using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>Matrix factorisation: shared item vectors, private user vectors that never leave the client.</summary>
/// <remarks>Federated collaborative filtering after Ammad-ud-din et al. 2019, arXiv:1901.09888: a user vector is solved at the
/// client from its own items and the current item vectors, and only item gradients (or deltas) are summed.</remarks>
public sealed class MatrixFactorization : ILearner
{
    private readonly MatrixFactorizationOptions _options;
    private readonly FederationShape _shape;
    private readonly IFactorObjective _objective;

    /// <summary>Creates the learner for one catalogue, and data that it can use.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="itemCount">Items of the catalogue, at least 1.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or there are no items.</exception>
    public MatrixFactorization(MatrixFactorizationOptions options, int itemCount)
        : this(options, new FederationShape(itemCount, HasRatings: true))
    {
    }

    /// <summary>Creates the learner for one federation.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="shape">The federation.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or the objective cannot use such data.</exception>
    public MatrixFactorization(MatrixFactorizationOptions options, FederationShape shape)
    {
        MatrixFactorizationDescriptor.Validate(options);
        UsableData.ThrowUnlessUsable(options, shape);
        (_options, _shape) = (options, shape);
        _objective = options.Objective switch
        {
            MatrixFactorizationObjective.LeastSquares => new LeastSquaresObjective(options, shape.Items),
            MatrixFactorizationObjective.Ratings => new RatingObjective(options, shape),
            _ => new LocalSgdObjective(options, shape),
        };
    }

    /// <inheritdoc/>
    public string Name => "mf";

    /// <inheritdoc/>
    public ParameterLayout Parameters => _objective.Parameters;

    /// <inheritdoc/>
    public RoundRecipe Recipe(LearningPhase phase) => _objective.Recipe;

    /// <inheritdoc/>
    public IReadOnlyList<BlockMeaning> Meanings => [.. Parameters.Blocks.Select(block => block.Name == "mean_rating" ? BlockMeaning.Same : BlockMeaning.Items)];

    /// <summary>Makes the sampler of a worker; tests put a leaking one here to prove that a leak is found.</summary>
    internal Func<int, NegativeSampler> CreateSampler { get; init; } = items => new NegativeSampler(items);

    /// <inheritdoc/>
    public float[] Initialize(ulong seed)
    {
        var random = SeedSequence.For(seed, "mf.item_factors");
        var deviation = _options.InitScale / Math.Sqrt(_options.Dims);
        var values = new float[Parameters.Length];
        foreach (ref var value in values.AsSpan(0, Parameters.Blocks[0].Length))
        {
            value = (float)(deviation * random.NextGaussian());
        }

        return values;
    }

    /// <inheritdoc/>
    /// <remarks>The server's control variates are the mean of the clients' own, which begin at zero in every run.</remarks>
    public ReadOnlyMemory<float> BeginWith(ReadOnlyMemory<float> version)
    {
        if (!_objective.Recipe.KeepsState)
        {
            return version;
        }

        var values = version.ToArray();
        values.AsSpan(Parameters.Offset(1)).Clear();
        return values;
    }

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters, LearningPhase phase) => parameters.Length == Parameters.Length
        ? _objective.Prepare(parameters)
        : throw new ArgumentException($"{parameters.Length} values are not {_shape.Items} items × {_options.Dims} dims.", nameof(parameters));

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker() => _objective.CreateWorker(CreateSampler);

    /// <inheritdoc/>
    public StepProposal Conclude(ServerState state, IAggregate aggregate, Span<float> delta)
    {
        _objective.Aggregate(state.Parameters.Span, aggregate, delta);
        return new StepProposal(state.Phase);
    }

    /// <summary>The block of item vectors, which stands first in every layout.</summary>
    internal static ParameterBlock ItemFactors(int items, int dims) => new("item_factors", items, dims);
}
