using System.Collections.Concurrent;
using FedRec.Contracts.Clients;
using FedRec.Core.Evaluation;
using FedRec.Core.Models;
using FedRec.Grains.Training;

namespace FedRec.Grains.Evaluations;

/// <summary>A silo's share of evaluations: its clients' results are summed here, and only sums travel.</summary>
internal sealed class LocalEvaluations(WorkerPools pools)
{
    private readonly ConcurrentDictionary<Guid, LocalEvaluation> _evaluations = new();

    /// <summary>Evaluates a client on a training thread and adds the result.</summary>
    public Task AddAsync(EvaluateOrder order, RunContext run, PreparedModel model, int client)
    {
        var evaluation = _evaluations.GetOrAdd(order.Evaluation, _ => new LocalEvaluation(order, run, model, pools.Training.Slots));
        return pools.Training.RunAsync(slot => evaluation.Add(slot, client));
    }

    /// <summary>Takes the sums out; null when no client of this silo took part.</summary>
    public byte[]? Take(Guid id) => _evaluations.TryRemove(id, out var evaluation) ? evaluation.Sum() : null;

    private sealed class LocalEvaluation(EvaluateOrder order, RunContext run, PreparedModel model, int slots)
    {
        private readonly ConcurrentDictionary<int, bool> _counted = new();
        private readonly EvaluationSplit _split = order.OnValidation ? EvaluationSplit.Validation(run.Dataset) : EvaluationSplit.Test(run.Dataset);
        private readonly (MetricSums Sums, RankingEvaluator Evaluator)?[] _slots = new (MetricSums, RankingEvaluator)?[slots];

        public bool Add(int slot, int client)
        {
            if (!_counted.TryAdd(client, true))
            {
                return false; // asked twice, counted once
            }

            var (sums, evaluator) = _slots[slot] ??= (new MetricSums(_split.ItemCount, order.Cutoffs), new RankingEvaluator(_split));
            return run.Score(worker =>
            {
                evaluator.Evaluate(new LearnerScorer(worker, model), run.Partition.UsersOf(client).Span, sums);
                return true;
            });
        }

        public byte[] Sum()
        {
            var total = new MetricSums(_split.ItemCount, order.Cutoffs);
            foreach (var slot in _slots)
            {
                if (slot is var (sums, _))
                {
                    total.Add(sums);
                }
            }

            return total.ToBytes();
        }
    }
}
