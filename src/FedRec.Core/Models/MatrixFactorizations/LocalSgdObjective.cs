using FedRec.Core.Aggregation;
using FedRec.Core.Data;

namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>A loss on sampled negatives: clients contribute deltas of local SGD, and the server takes their mean.</summary>
internal sealed class LocalSgdObjective(MatrixFactorizationOptions options, int itemCount) : IFactorObjective
{
    /// <inheritdoc/>
    public ParameterLayout Parameters { get; } = new(MatrixFactorization.ItemFactors(itemCount, options.Dims));

    /// <inheritdoc/>
    public ParameterLayout Contribution => Parameters;

    /// <inheritdoc/>
    public PreparedModel Prepare(ReadOnlyMemory<float> parameters) => new MatrixFactorizationModel(parameters, itemCount, options.Dims);

    /// <inheritdoc/>
    public ILearnerWorker CreateWorker(Func<int, NegativeSampler> sampler) => new LocalSgdWorker(options, itemCount, sampler(itemCount));

    /// <inheritdoc/>
    public void Aggregate(ReadOnlySpan<float> parameters, ContributionSum sum, Span<float> delta) => sum.Mean(delta);
}
