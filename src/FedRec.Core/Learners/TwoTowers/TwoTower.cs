using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners.Features;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.TwoTowers;

/// <summary>A tower for users and one for items; the score is the product of a user's and an item's vector, plus the item's bias.</summary>
/// <remarks>The item tower sees an item's embedding and its public features; the user tower sees the user's features, and the mean of what the
/// item tower sees of the user's own items (Covington et al. 2016, RecSys, §3.2, average the embeddings of what was watched). An item's
/// vector is its embedding and what its tower adds, a user's the sum of the own items' embeddings over the root of their number and what the tower adds: so
/// a model begins as a factorisation, which learns fast, and features speak where no embedding can (a shortcut around the layers, as in He et al. 2016,
/// CVPR). The first round finds
/// means and variances of the users' features, and which items have interactions at all, of which the server learns the counts: embedding and bias of
/// other items count as zero, so that being drawn as a negative says nothing against them, and their features alone speak. Nothing private is
/// kept. The update of a training round is trained minus received.</remarks>
public sealed class TwoTower : ILearner
{
    private static readonly LearningPhase s_statistics = new("statistics");
    private readonly TwoTowerOptions _options;
    private readonly TwoTowerShape _shape;

    /// <summary>Creates the learner for one federation, with or without features.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="shape">The federation.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or the data has nothing to tell apart.</exception>
    public TwoTower(TwoTowerOptions options, FederationShape shape)
    {
        TwoTowerDescriptor.Validate(options);
        if (!shape.HasNegatives && shape.Items > 1)
        {
            throw new ArgumentException("two-tower learns to tell a user's items from others, but here every user has met every item (or none). Give it data with more items, or fewer interactions.");
        }

        (_options, _shape) = (options, new TwoTowerShape(options, shape));
    }

    /// <inheritdoc/>
    public string Name => "two-tower";

    /// <inheritdoc/>
    public ParameterLayout Parameters => _shape.Layout;

    /// <inheritdoc/>
    public RoundRecipe Recipe(LearningPhase phase) => phase == s_statistics ? _shape.Statistics : _shape.Training;

    /// <inheritdoc/>
    public LearningPhase PhaseOf(ReadOnlySpan<float> version) => _shape.IsPrepared(version) ? LearningPhase.Training : s_statistics;

    /// <inheritdoc/>
    public ReadOnlyMemory<float> ToVersion(ReadOnlyMemory<float> parameters, LearningPhase phase)
    {
        var values = parameters.ToArray();
        values[Parameters.Offset(TwoTowerShape.Prepared)] = phase == s_statistics ? 0 : 1;
        return values;
    }

    /// <inheritdoc/>
    public IReadOnlyList<BlockMeaning> Meanings => _shape.Meanings;

    /// <inheritdoc/>
    public float[] Initialize(ulong seed)
    {
        var values = new float[Parameters.Length];
        for (var block = 0; block < Parameters.Blocks.Length; block++)
        {
            var shape = Parameters.Blocks[block];
            var target = values.AsSpan(Parameters.Offset(block), shape.Length);
            if (shape.Name == "user_deviations")
            {
                target.Fill(1);
            }
            else if (block == TwoTowerShape.Items || block >= _shape.FirstTower)
            {
                var random = SeedSequence.For(seed, $"two-tower.{shape.Name}");
                NetworkStart.Fill(shape, _options.Shared, ref random, target);
            }
        }

        return values;
    }

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters, LearningPhase phase) => parameters.Length == Parameters.Length
        ? new TowerModel(parameters, phase, _shape, _options.Recency)
        : throw new ArgumentException($"{parameters.Length} values are not the {Parameters.Length} of {_shape.ItemCount} items and these towers.", nameof(parameters));

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker() => new TwoTowerWorker(_options, _shape);

    /// <inheritdoc/>
    public StepProposal Conclude(ServerState state, IAggregate aggregate, Span<float> delta)
    {
        if (state.Phase == s_statistics)
        {
            ReadStatistics(state.Parameters.Span, aggregate.Sum, delta);
            return new StepProposal(LearningPhase.Training, Exact: delta.Length);
        }

        aggregate.Mean(delta);
        return new StepProposal(state.Phase);
    }

    private void ReadStatistics(ReadOnlySpan<float> parameters, FixedPointSum sum, Span<float> delta)
    {
        delta.Clear();
        var sums = sum.Values;
        var known = parameters[Parameters.Offset(TwoTowerShape.Known)..]; // some are, where the parameters come from another federation
        for (var item = 0; item < _shape.ItemCount; item++)
        {
            delta[Parameters.Offset(TwoTowerShape.Known) + item] = sums[item] > 0 ? 1 - known[item] : 0;
        }

        if (_shape.UserColumns.Length is > 0 and var columns)
        {
            var (means, deviations) = (Parameters.Offset(TwoTowerShape.Means), Parameters.Offset(TwoTowerShape.Means + 1));
            ColumnStatistics.Read(sums[_shape.StatisticsOffset..], sum.Scale.Bits, parameters.Slice(means, columns), parameters.Slice(deviations, columns), delta.Slice(means, columns), delta.Slice(deviations, columns));
        }
    }
}
