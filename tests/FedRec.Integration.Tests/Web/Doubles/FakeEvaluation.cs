using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;

namespace FedRec.Integration.Tests.Web.Doubles;

/// <summary>Knows some baselines, and evaluates nothing.</summary>
internal sealed class FakeEvaluation
{
    public FakeEvaluation() => Grain = new EvaluationGrain(this);

    public IEvaluationGrain Grain { get; }

    /// <summary>What was evaluated of every run.</summary>
    public List<EvaluationRecord> Baselines { get; } = [];

    private sealed class EvaluationGrain(FakeEvaluation evaluation) : IEvaluationGrain
    {
        public Task<ImmutableArray<EvaluationRecord>> GetBaselinesAsync(string runId, CancellationToken cancellationToken) => Task.FromResult(evaluation.Baselines.ToImmutableArray());

        public Task<EvaluationRecord?> EvaluateAsync(long version, ImmutableArray<int> cutoffs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<EvaluationRecord> EvaluateBaselineAsync(string runId, string baseline, ImmutableArray<int> cutoffs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<EvaluationRecord?> EvaluateSampledAsync(long version, ImmutableArray<int> cutoffs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<EvaluationRecord> EvaluateBaselineSampledAsync(string runId, string baseline, ImmutableArray<int> cutoffs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<EvaluationRecord?> EvaluateSharedAsync(long version, ImmutableArray<int> cutoffs, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ComparisonRecord?> CompareAsync(long version, ComparedWith against, ImmutableArray<int> cutoffs, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
