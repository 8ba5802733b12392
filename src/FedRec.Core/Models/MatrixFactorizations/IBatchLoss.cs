namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>The loss of one user's batch as a function of the scores of its examples.</summary>
internal interface IBatchLoss
{
    /// <summary>Replaces scores by the derivatives of the summed loss with respect to them.</summary>
    /// <param name="scores">One score for each example, then undefined values up to whole vector lanes, which may be overwritten.</param>
    /// <param name="batch">Examples: 2·slot, plus 1 for an own item; at least one.</param>
    /// <returns>The summed loss, and what its terms count together, above 0.</returns>
    (double Total, double Terms) ToErrors(Span<float> scores, ReadOnlySpan<int> batch);
}
