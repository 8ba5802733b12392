using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Models.LinearAlgebra;

namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>Weighted squares over all items: clients contribute sufficient statistics, and the server forms the exact gradient.</summary>
internal sealed class LeastSquaresObjective(MatrixFactorizationOptions options, int itemCount) : IFactorObjective
{
    /// <summary>Position of Σ u·uᵀ in the contribution.</summary>
    internal const int UserGram = 1;

    /// <summary>Position of the number of users in the contribution.</summary>
    internal const int UserCount = 2;

    /// <inheritdoc/>
    public ParameterLayout Parameters { get; } = new(MatrixFactorization.ItemFactors(itemCount, options.Dims));

    /// <inheritdoc/>
    public ParameterLayout Contribution { get; } = new(
        MatrixFactorization.ItemFactors(itemCount, options.Dims), new("user_gram", options.Dims, options.Dims), new("user_count", 1, 1));

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters) => new MatrixFactorizationModel(parameters, itemCount, options.Dims);

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker(Func<int, NegativeSampler> sampler) => new LeastSquaresWorker(options, Contribution, itemCount);

    /// <summary>Minus the gradient of the summed loss with respect to the item vectors, per user.</summary>
    public void Aggregate(ReadOnlySpan<float> parameters, ContributionSum sum, Span<float> delta)
    {
        var dims = options.Dims;
        var sums = sum.Values;
        var users = sum.Scale.Decode(sums[Contribution.Offset(UserCount)]);
        var scale = -2 / users;
        var gram = new float[dims * dims]; // α·(Σ u·uᵀ + λ·users·I)
        for (var i = 0; i < gram.Length; i++)
        {
            var ridge = i % (dims + 1) == 0 ? options.ItemPenalty * users : 0;
            gram[i] = (float)(scale * options.Alpha * (sum.Scale.Decode(sums[Contribution.Offset(UserGram) + i]) + ridge));
        }

        for (var i = 0; i < delta.Length; i++)
        {
            delta[i] = (float)(scale * sum.Scale.Decode(sums[i]));
        }

        for (var i = 0; i < delta.Length; i++)
        {
            var target = delta.Slice(i / dims * dims, dims);
            VectorKernels.AddScaled(gram.AsSpan(i % dims * dims, dims), parameters[i], target);
        }
    }
}
