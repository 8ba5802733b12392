using System.Collections.Concurrent;
using FedRec.Core.Evaluation;
using FedRec.Grains.Training;

namespace FedRec.Grains.Evaluations;

/// <summary>A silo's share of one evaluation.</summary>
/// <param name="plan">What is measured.</param>
/// <param name="run">The run whose clients are asked.</param>
/// <param name="model">The model.</param>
/// <param name="rival">What it is compared with; null when it is not.</param>
/// <param name="slots">Training threads.</param>
internal sealed class LocalEvaluation(EvaluationPlan plan, RunContext run, IScorerSource model, IScorerSource? rival, int slots)
{
    private readonly ConcurrentDictionary<int, bool> _counted = new();
    private readonly IEvaluationSlot?[] _slots = new IEvaluationSlot?[slots];

    /// <summary>Evaluates a client's users on a training thread.</summary>
    public bool Add(int slot, int client)
    {
        if (!_counted.TryAdd(client, true))
        {
            return false; // asked twice, counted once
        }

        var own = _slots[slot] ??= rival is null ? new MetricSlot(plan, model) : new ComparisonSlot(plan, model, rival);
        own.Evaluate(client, run.Partition.UsersOf(client));
        return true;
    }

    /// <summary>What all threads have summed.</summary>
    public byte[] Sum()
    {
        IEvaluationSums total = rival is null ? plan.NewMetrics() : plan.NewComparison();
        foreach (var slot in _slots.OfType<IEvaluationSlot>())
        {
            total.Add(slot.Sums.ToBytes());
        }

        return total.ToBytes();
    }
}

/// <summary>The sums and scratch memory of one training thread.</summary>
internal interface IEvaluationSlot
{
    IEvaluationSums Sums { get; }

    void Evaluate(int client, ReadOnlyMemory<int> users);
}

/// <summary>Measures one model.</summary>
internal sealed class MetricSlot(EvaluationPlan plan, IScorerSource model) : IEvaluationSlot
{
    private readonly RankingEvaluator _evaluator = new(plan.Split);
    private readonly MetricSums _sums = plan.NewMetrics();

    public IEvaluationSums Sums => _sums;

    public void Evaluate(int client, ReadOnlyMemory<int> users) => model.Use(client, scorer => _evaluator.Evaluate(scorer, users.Span, _sums));
}

/// <summary>Compares two models.</summary>
internal sealed class ComparisonSlot(EvaluationPlan plan, IScorerSource model, IScorerSource rival) : IEvaluationSlot
{
    private readonly PairedEvaluator _evaluator = new(plan.Split, plan.Frame);
    private readonly BootstrapSums _sums = plan.NewComparison();

    public IEvaluationSums Sums => _sums;

    public void Evaluate(int client, ReadOnlyMemory<int> users) => model.Use(client, first => rival.Use(client, second => _evaluator.Evaluate(first, second, users.Span, _sums)));
}
