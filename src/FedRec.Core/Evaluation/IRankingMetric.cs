namespace FedRec.Core.Evaluation;

/// <summary>The quality of one user's ranking, as its expectation over all orders of tied candidates.</summary>
/// <remarks>Any fixed order of ties is a choice somebody can game: constant scores would rank by item number.</remarks>
public interface IRankingMetric
{
    /// <summary>The name in results, such as <c>ndcg</c>; a cutoff is added as <c>ndcg@10</c>.</summary>
    string Name { get; }

    /// <summary>The metric at a cutoff.</summary>
    /// <param name="blocks">The blocks of the held-out items, best first; at least one.</param>
    /// <param name="relevant">Held-out items, at least 1.</param>
    /// <param name="cutoff">K, at least 1.</param>
    /// <returns>In [0, 1].</returns>
    double Value(ReadOnlySpan<TieBlock> blocks, int relevant, int cutoff);
}
