using FedRec.Core.Evaluation;

namespace FedRec.Grains.Evaluations;

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
