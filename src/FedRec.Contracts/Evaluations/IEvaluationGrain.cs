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
    /// <param name="baseline">One of <c>popularity</c>, <c>item-knn</c>, <c>ials</c>, <c>sasrec</c>, <c>alone</c>, <c>centralised</c>; see <see cref="ComparedWith"/>.</param>
    /// <param name="cutoffs">Values of K, each 1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    [Alias("baseline"), ResponseTimeout("01:00:00")]
    Task<EvaluationRecord> EvaluateBaselineAsync(string runId, string baseline, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default);

    /// <summary>The baselines of a run that were evaluated already, the last evaluation of each; nothing is trained for it.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>By name; empty after the silo has been restarted.</returns>
    [Alias("known-baselines")]
    Task<ImmutableArray<EvaluationRecord>> GetBaselinesAsync(string runId, CancellationToken cancellationToken = default);

    /// <summary>Like <see cref="EvaluateAsync"/>, and ranks each held-out item among 99 sampled ones too, for comparison with papers that do.</summary>
    /// <param name="version">A committed version.</param>
    /// <param name="cutoffs">Values of K, each 1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The metrics, with <c>hr@10/sampled99</c> and <c>ndcg@10/sampled99</c>; null when there is no such version.</returns>
    [Alias("evaluate-sampled"), ResponseTimeout("01:00:00")]
    Task<EvaluationRecord?> EvaluateSampledAsync(long version, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default);

    /// <summary>Like <see cref="EvaluateBaselineAsync"/>, among 99 sampled items too: the same ones as for every other model.</summary>
    /// <param name="runId">Run whose data is meant.</param>
    /// <param name="baseline">One of <c>popularity</c>, <c>item-knn</c>, <c>ials</c>, <c>sasrec</c>, <c>alone</c>, <c>centralised</c>; see <see cref="ComparedWith"/>.</param>
    /// <param name="cutoffs">Values of K, each 1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    [Alias("baseline-sampled"), ResponseTimeout("01:00:00")]
    Task<EvaluationRecord> EvaluateBaselineSampledAsync(string runId, string baseline, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default);

    /// <summary>Like <see cref="EvaluateAsync"/>, with every client taking the version as it is shared, although its run asks for personalisation.</summary>
    /// <param name="version">A committed version.</param>
    /// <param name="cutoffs">Values of K, each 1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The metrics; null when there is no such version.</returns>
    [Alias("evaluate-shared"), ResponseTimeout("01:00:00")]
    Task<EvaluationRecord?> EvaluateSharedAsync(long version, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default);

    /// <summary>Compares a version with another one, or with a baseline, on the held-out items of the same users: HR and NDCG with
    /// 95 % intervals from a paired bootstrap. Every client works out its own users' part of each resample; only sums travel.</summary>
    /// <param name="version">A committed version; its run's data is meant.</param>
    /// <param name="against">The other model. A baseline exists only where a silo simulates all parties.</param>
    /// <param name="cutoffs">Values of K, each 1 to 1,000.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The differences; null when one of the versions does not exist. Equal calls give equal numbers.</returns>
    /// <exception cref="ArgumentException">The versions are of different data, or there is no such baseline.</exception>
    [Alias("compare"), ResponseTimeout("01:00:00")]
    Task<ComparisonRecord?> CompareAsync(long version, ComparedWith against, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default);
}
