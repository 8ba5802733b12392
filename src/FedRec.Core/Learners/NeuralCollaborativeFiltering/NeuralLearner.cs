using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.NeuralCollaborativeFiltering;

/// <summary>A network that scores pairs of users and items: shared item embeddings and layers, private user embeddings.</summary>
/// <remarks>Neural collaborative filtering (He et al. 2017, arXiv:1708.05031), federated by reconstruction (Singhal et al. 2021,
/// arXiv:2102.03448). Shared and averaged: item embeddings, layers, and a second table from which user embeddings are made. Private: the
/// user embedding p = s + Σ h_j / √n over the user's n own items j, with a learnt start s. It is worked out from the user's own items at the
/// start of each training step and whenever the user is scored, so a client keeps nothing, a crash loses nothing, a new click counts
/// at once, and a user nobody trained on is served like any other; one without items gets s. Singhal et al. reach p by local
/// gradient steps; a closed form instead (Kabbur et al. 2013, FISM) costs one matrix product, and lets its gradient train h and s.
/// The client's optimizer begins anew each round: nothing private outlives it.
/// The update is trained minus received: rows of the items touched, and all of s and the layers.</remarks>
public sealed class NeuralLearner : ILearner
{
    private readonly NeuralOptions _options;
    private readonly NetworkShape _shape;
    private readonly RoundRecipe _recipe;
    private readonly int _items;

    /// <summary>Creates the learner for one catalogue.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="itemCount">Items of the catalogue, at least 1.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or there are no items.</exception>
    public NeuralLearner(NeuralOptions options, int itemCount)
    {
        NeuralDescriptor.Validate(options);
        (_options, _items) = (options, itemCount);
        _shape = new NetworkShape(options, itemCount);
        _recipe = new RoundRecipe(new UpdateLayout([.. _shape.Layout.Blocks.Select(block => new UpdateBlock(block.Name, block.Rows, block.Columns, BlockRole.Delta))]));
    }

    /// <inheritdoc/>
    public string Name => "ncf";

    /// <inheritdoc/>
    public ParameterLayout Parameters => _shape.Layout;

    /// <inheritdoc/>
    public RoundRecipe Recipe(LearningPhase phase) => _recipe;

    /// <inheritdoc/>
    public IReadOnlyList<BlockMeaning> Meanings => [.. Parameters.Blocks.Select((_, block) => block < NetworkShape.Start ? BlockMeaning.Items : BlockMeaning.Same)];

    /// <inheritdoc/>
    public float[] Initialize(ulong seed)
    {
        var values = new float[Parameters.Length];
        for (var block = 0; block < Parameters.Blocks.Length; block++)
        {
            var shape = Parameters.Blocks[block];
            var random = SeedSequence.For(seed, $"ncf.{shape.Name}");
            NetworkStart.Fill(shape, _options, ref random, values.AsSpan(Parameters.Offset(block), shape.Length));
        }

        return values;
    }

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters, LearningPhase phase) => parameters.Length == Parameters.Length
        ? new PreparedModel(parameters, phase)
        : throw new ArgumentException($"{parameters.Length} values are not the {Parameters.Length} of {_items} items and this network.", nameof(parameters));

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker() => new NeuralWorker(_options, _shape, _items, CreateSampler(_items));

    /// <summary>Makes the sampler of a worker; tests put a leaking one here to prove that a leak is found.</summary>
    internal Func<int, NegativeSampler> CreateSampler { get; init; } = items => new NegativeSampler(items);

    /// <inheritdoc/>
    public StepProposal Conclude(ServerState state, IAggregate aggregate, Span<float> delta)
    {
        aggregate.Mean(delta);
        return new StepProposal(state.Phase);
    }
}
