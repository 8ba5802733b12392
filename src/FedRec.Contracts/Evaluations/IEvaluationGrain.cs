using System.Collections.Immutable;

namespace FedRec.Contracts.Evaluations;

/// <summary>Evaluates models of one federation; the key is the federation's name.</summary>
[Alias("fedrec.evaluation")]
public interface IEvaluationGrain : IGrainWithStringKey
{
    /// <summary>Has every client rank its held-out items under a version; only sums travel.</summary>
    /// <param name="version">A committed version.</param>
    /// <param name="cutoffs">Values of K, each 1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The metrics; null when there is no such version.</returns>
    [Alias("evaluate"), ResponseTimeout("01:00:00")]
    Task<EvaluationRecord?> EvaluateAsync(long version, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default);

    /// <summary>Evaluates a centralised baseline on the pooled data, which exists only where a silo simulates all parties.</summary>
    /// <param name="runId">Run whose data is meant.</param>
    /// <param name="baseline">One of <c>popularity</c>, <c>item-knn</c>, <c>ials</c>.</param>
    /// <param name="cutoffs">Values of K, each 1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    [Alias("baseline"), ResponseTimeout("01:00:00")]
    Task<EvaluationRecord> EvaluateBaselineAsync(string runId, string baseline, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default);
}
