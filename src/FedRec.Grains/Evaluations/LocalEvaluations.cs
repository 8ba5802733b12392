using System.Collections.Concurrent;
using FedRec.Contracts.Clients;
using FedRec.Core.Models;
using FedRec.Grains.Training;

namespace FedRec.Grains.Evaluations;

/// <summary>A silo's share of evaluations: its clients' results are summed here, and only sums travel.</summary>
internal sealed class LocalEvaluations(WorkerPools pools, Rivals rivals)
{
    private readonly ConcurrentDictionary<Guid, Lazy<Task<LocalEvaluation>>> _evaluations = new();

    /// <summary>Evaluates a client on a training thread and adds the result.</summary>
    /// <param name="order">The evaluation.</param>
    /// <param name="run">The run.</param>
    /// <param name="model">The version.</param>
    /// <param name="client">Number of the client.</param>
    /// <param name="isRanked">False for a client that is left out: then this silo takes part, without the client.</param>
    public async Task AddAsync(EvaluateOrder order, RunContext run, PreparedModel model, int client, bool isRanked)
    {
        var evaluation = await _evaluations.GetOrAdd(order.Evaluation, _ => new(() => OpenAsync(order, run, model))).Value;
        await pools.Training.RunAsync(slot => isRanked && evaluation.Add(slot, client));
    }

    /// <summary>Takes the sums out; null when no client of this silo took part.</summary>
    public byte[]? Take(Guid id) =>
        _evaluations.TryRemove(id, out var evaluation) && evaluation.Value.IsCompletedSuccessfully ? evaluation.Value.Result.Sum() : null;

    private async Task<LocalEvaluation> OpenAsync(EvaluateOrder order, RunContext run, PreparedModel model)
    {
        try
        {
            var rival = await rivals.OpenAsync(order, run);
            return new LocalEvaluation(new EvaluationPlan(order, run.Dataset), run, new ModelScorers(run, model, order.Shared ? null : run.Partition.Client), rival, pools.Training.Slots);
        }
        catch
        {
            _evaluations.TryRemove(order.Evaluation, out _); // a failure is not remembered
            throw;
        }
    }
}
