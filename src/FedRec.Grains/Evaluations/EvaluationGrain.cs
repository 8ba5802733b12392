using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Learners.Transfers;
using FedRec.Grains.Models;
using FedRec.Grains.Requests;
using FedRec.Grains.Training;
using Orleans.Concurrency;

namespace FedRec.Grains.Evaluations;

/// <summary>Evaluates on request. Holds no state: reentrant, so that several evaluations may go on at once.</summary>
[Reentrant]
internal sealed class EvaluationGrain(RunCache contexts, ParameterCache parameters, FederatedEvaluator evaluator, WorkerPools pools, EvaluatedBaselines known, TimeProvider time) : Grain, IEvaluationGrain
{
    public Task<EvaluationRecord?> EvaluateAsync(long version, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default) =>
        EvaluateAsync(version, cutoffs, sampled: false, cancellationToken);

    public Task<EvaluationRecord?> EvaluateSampledAsync(long version, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default) =>
        EvaluateAsync(version, cutoffs, sampled: true, cancellationToken);

    public Task<EvaluationRecord?> EvaluateSharedAsync(long version, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default) =>
        EvaluateAsync(version, cutoffs, sampled: false, cancellationToken, shared: true);

    public Task<EvaluationRecord> EvaluateBaselineAsync(string runId, string baseline, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default) =>
        EvaluateBaselineAsync(runId, baseline, cutoffs, sampled: false, cancellationToken);

    public Task<EvaluationRecord> EvaluateBaselineSampledAsync(string runId, string baseline, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default) =>
        EvaluateBaselineAsync(runId, baseline, cutoffs, sampled: true, cancellationToken);

    public Task<ImmutableArray<EvaluationRecord>> GetBaselinesAsync(string runId, CancellationToken cancellationToken = default) =>
        Task.FromResult(known.Of(GrainKeys.Run(this.GetPrimaryKeyString(), runId)));

    public async Task<ComparisonRecord?> CompareAsync(long version, ComparedWith against, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default)
    {
        if (await FindAsync(version, cancellationToken) is not { } first)
        {
            return null;
        }

        var order = new EvaluateOrder(Guid.Empty, first.Model, cutoffs, OnValidation: false) { Replicates = BootstrapSums.DefaultReplicates };
        var parties = PartiesOf(first.Run, against.Party);
        if (against.Baseline is { } baseline)
        {
            return await evaluator.CompareAsync(first.Run, order with { Baseline = baseline }, Called(version), BaselineRegistry.Called(baseline, first.Run.Shape.Task), parties);
        }

        if (await FindAsync(against.Version, cancellationToken) is not { } second)
        {
            return null;
        }

        ThrowUnlessSameData(version, first.Run, against.Version, second.Run);
        return await evaluator.CompareAsync(first.Run, order with { Against = second.Model, SharedRival = against.Shared }, Called(version), against.Shared ? $"{Called(against.Version)} shared" : Called(against.Version), parties);
    }

    private async Task<EvaluationRecord?> EvaluateAsync(long version, ImmutableArray<int> cutoffs, bool sampled, CancellationToken cancellationToken, bool shared = false)
    {
        if (await FindAsync(version, cancellationToken) is not { } found)
        {
            return null;
        }

        var record = await evaluator.EvaluateAsync(found.Run, found.Model, cutoffs, onValidation: false, sampled, shared) with { Round = found.Round };
        return await parameters.GetAsync(found.Model, found.Run, cancellationToken) is MatchedVersion { Unknown: > 0 } matched
            ? record with { UnknownItems = matched.Unknown, UnknownHeldOut = found.Run.Simulated is { } simulated ? matched.UnknownIn(simulated.Dataset.Test) : 0 }
            : record;
    }

    private async Task<EvaluationRecord> EvaluateBaselineAsync(string runId, string baseline, ImmutableArray<int> cutoffs, bool sampled, CancellationToken cancellationToken)
    {
        var run = await contexts.GetAsync(GrainKeys.Run(this.GetPrimaryKeyString(), runId), cancellationToken);
        var start = time.GetTimestamp();
        var summary = await Task.Run(
            () =>
            {
                var scorer = RunBaselines.Create(baseline, run);
                return RankingEvaluator.EvaluateAll(() => scorer, EvaluationSplit.Test(run.SimulatedFor(baseline).Dataset), cutoffs, pools.Training.Slots, sampled);
            },
            cancellationToken);
        var record = EvaluationMessages.ToRecord(BaselineRegistry.Called(baseline, run.Shape.Task), summary, time.GetElapsedTime(start));
        known.Add(run.RunKey, record);
        return record;
    }

    // The clients whose users are compared; null for all.
    private static int[]? PartiesOf(RunContext run, string? party)
    {
        if (party is null)
        {
            return null;
        }

        var names = run.Simulated?.Dataset.Parties?.Names ?? [];
        var number = run.Source.Simulated is { Parties: > 0 } ? -1 : names.TakeWhile(name => name != party).Count();
        return number >= 0 && number < names.Count ? [number] : throw new ArgumentException(
            names.Count == 0 ? $"The data {run.Data.Name} names no parties, so there is no party '{party}'." : $"There is no party '{party}'; the data has {string.Join(", ", names)}.", nameof(party));
    }

    private static string Called(long version) => $"version {version}";

    // A run may have held validation items out that the other trained on: both are ranked without them.
    private static void ThrowUnlessSameData(long version, RunContext first, long against, RunContext second)
    {
        if (!Equals(OptionsOf(first), OptionsOf(second)))
        {
            throw new ArgumentException($"Version {version} was trained on other data than version {against}; only models of the same users can be compared in pairs.", nameof(against));
        }

        static DatasetOptions? OptionsOf(RunContext run) => run.Source.Simulated is { } data ? RunRequests.ToDatasetOptions(data, holdOutValidation: false) : null;
    }

    private async Task<(RunContext Run, ModelReference Model, int Round)?> FindAsync(long version, CancellationToken cancellationToken)
    {
        var federation = this.GetPrimaryKeyString();
        if (await GrainFactory.GetGrain<IModelGrain>(federation).GetManifestAsync(version, cancellationToken) is not { } manifest)
        {
            return null;
        }

        var model = new ModelReference(GrainKeys.Run(federation, manifest.RunId), 0, version);
        return (await contexts.GetAsync(model.RunKey, cancellationToken), model, manifest.Round);
    }
}
