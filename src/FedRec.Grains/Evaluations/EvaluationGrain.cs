using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Grains.Training;
using Orleans.Concurrency;

namespace FedRec.Grains.Evaluations;

/// <summary>Evaluates on request. Holds no state: reentrant, so that several evaluations may go on at once.</summary>
[Reentrant]
internal sealed class EvaluationGrain(RunContexts contexts, FederatedEvaluator evaluator, WorkerPools pools, TimeProvider time) : Grain, IEvaluationGrain
{
    public async Task<EvaluationRecord?> EvaluateAsync(long version, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default)
    {
        var federation = this.GetPrimaryKeyString();
        if (await GrainFactory.GetGrain<IModelGrain>(federation).GetManifestAsync(version, cancellationToken) is not { } manifest)
        {
            return null;
        }

        var model = new ModelReference(GrainKeys.Run(federation, manifest.RunId), 0, version);
        var run = await contexts.GetAsync(model.RunKey, cancellationToken);
        return await evaluator.EvaluateAsync(run, model, cutoffs, onValidation: false) with { Round = manifest.Round };
    }

    public async Task<EvaluationRecord> EvaluateBaselineAsync(string runId, string baseline, ImmutableArray<int> cutoffs, CancellationToken cancellationToken = default)
    {
        var run = await contexts.GetAsync(GrainKeys.Run(this.GetPrimaryKeyString(), runId), cancellationToken);
        var start = time.GetTimestamp();
        var summary = await Task.Run(
            () =>
            {
                var scorer = BaselineRegistry.Create(baseline, run.Dataset, run.Request.Seed);
                return RankingEvaluator.EvaluateAll(() => scorer, EvaluationSplit.Test(run.Dataset), cutoffs, pools.Training.Slots);
            },
            cancellationToken);
        return FederatedEvaluator.ToRecord(baseline, summary, time.GetElapsedTime(start));
    }
}
