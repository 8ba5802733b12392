using FedRec.Core.Aggregation;
using FedRec.Core.Data;

namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>What differs between the objectives of <c>mf</c>; one instance for one catalogue, without state that changes.</summary>
internal interface IFactorObjective
{
    /// <inheritdoc cref="ILearner.Parameters"/>
    /// <remarks>The first block holds the item vectors; only they begin at random.</remarks>
    ParameterLayout Parameters { get; }

    /// <inheritdoc cref="ILearner.Contribution"/>
    ParameterLayout Contribution { get; }

    /// <inheritdoc cref="ILearner.Prepare"/>
    /// <remarks>The caller has checked the length.</remarks>
    PreparedModel Prepare(ReadOnlyMemory<float> parameters);

    /// <inheritdoc cref="ILearner.CreateWorker"/>
    /// <param name="sampler">Where negatives come from.</param>
    ILearnerWorker CreateWorker(Func<int, NegativeSampler> sampler);

    /// <inheritdoc cref="ILearner.Aggregate"/>
    void Aggregate(ReadOnlySpan<float> parameters, ContributionSum sum, Span<float> delta);
}
