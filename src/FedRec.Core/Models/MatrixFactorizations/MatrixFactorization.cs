using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Models.LinearAlgebra;
using FedRec.Core.Training;

namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>Matrix factorisation for implicit feedback: shared item vectors, private user vectors that never leave the client.</summary>
/// <remarks>Federated collaborative filtering after Ammad-ud-din et al. 2019, arXiv:1901.09888: a user vector is solved at the
/// client from its own items and the current item vectors, and only item gradients (or deltas) are summed.</remarks>
public sealed class MatrixFactorization : ILearner
{
    /// <summary>Position of the items × dims block in both layouts.</summary>
    internal const int ItemFactors = 0;

    /// <summary>Position of Σ u·uᵀ in the least-squares contribution.</summary>
    internal const int UserGram = 1;

    /// <summary>Position of the number of users in the least-squares contribution.</summary>
    internal const int UserCount = 2;

    private readonly MatrixFactorizationOptions _options;
    private readonly int _items;

    /// <summary>Creates the learner for one catalogue.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="itemCount">Items of the catalogue, at least 1.</param>
    /// <exception cref="ArgumentException">A setting is outside its range, or there are no items.</exception>
    public MatrixFactorization(MatrixFactorizationOptions options, int itemCount)
    {
        MatrixFactorizationDescriptor.Validate(options);
        _options = options;
        _items = itemCount;
        var factors = new ParameterBlock("item_factors", itemCount, options.Dims);
        Parameters = new ParameterLayout(factors);
        Contribution = options.Objective == MatrixFactorizationObjective.LeastSquares
            ? new ParameterLayout(factors, new("user_gram", options.Dims, options.Dims), new("user_count", 1, 1))
            : Parameters;
    }

    /// <inheritdoc/>
    public string Name => "mf";

    /// <inheritdoc/>
    public ParameterLayout Parameters { get; }

    /// <inheritdoc/>
    public ParameterLayout Contribution { get; }

    /// <inheritdoc/>
    public float[] Initialize(ulong seed)
    {
        var random = SeedSequence.For(seed, "mf.item_factors");
        var deviation = _options.InitScale / Math.Sqrt(_options.Dims);
        var values = new float[Parameters.Length];
        foreach (ref var value in values.AsSpan())
        {
            value = (float)(deviation * random.NextGaussian());
        }

        return values;
    }

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters) => parameters.Length == Parameters.Length
        ? new MatrixFactorizationModel(parameters, _options.Dims)
        : throw new ArgumentException($"{parameters.Length} values are not {_items} items × {_options.Dims} dims.", nameof(parameters));

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker() => _options.Objective == MatrixFactorizationObjective.LeastSquares
        ? new LeastSquaresWorker(_options, Contribution, _items)
        : new LogisticWorker(_options, _items, CreateSampler(_items));

    /// <summary>Makes the sampler of a worker; tests put a leaking one here to prove that a leak is found.</summary>
    internal Func<int, NegativeSampler> CreateSampler { get; init; } = items => new NegativeSampler(items);

    /// <inheritdoc/>
    public void Aggregate(ReadOnlySpan<float> parameters, ContributionSum sum, Span<float> delta)
    {
        if (_options.Objective == MatrixFactorizationObjective.Logistic)
        {
            sum.Mean(delta);
            return;
        }

        DescendLeastSquares(parameters, sum.Values, delta);
    }

    /// <summary>Minus the gradient of the summed least-squares loss with respect to the item vectors, per user.</summary>
    private void DescendLeastSquares(ReadOnlySpan<float> parameters, ReadOnlySpan<long> sums, Span<float> delta)
    {
        var dims = _options.Dims;
        var users = FixedPoint.Decode(sums[Contribution.Offset(UserCount)]);
        var scale = -2 / users;
        var gram = new float[dims * dims]; // α·(Σ u·uᵀ + λ·users·I)
        for (var i = 0; i < gram.Length; i++)
        {
            var ridge = i % (dims + 1) == 0 ? _options.ItemPenalty * users : 0;
            gram[i] = (float)(scale * _options.Alpha * (FixedPoint.Decode(sums[Contribution.Offset(UserGram) + i]) + ridge));
        }

        for (var i = 0; i < delta.Length; i++)
        {
            delta[i] = (float)(scale * FixedPoint.Decode(sums[i]));
        }

        for (var i = 0; i < delta.Length; i++)
        {
            var target = delta.Slice(i / dims * dims, dims);
            VectorKernels.AddScaled(gram.AsSpan(i % dims * dims, dims), parameters[i], target);
        }
    }
}
