using FedRec.Contracts.Clients;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;

namespace FedRec.Grains.Evaluations;

/// <summary>What an order means on the data at hand; the same wherever it is worked out.</summary>
internal sealed class EvaluationPlan
{
    private const ulong BootstrapSeed = 0; // one for all, so that comparisons the other way round mirror each other
    private readonly int _replicates;

    public EvaluationPlan(EvaluateOrder order, Dataset dataset)
    {
        Split = order.OnValidation ? EvaluationSplit.Validation(dataset) : EvaluationSplit.Test(dataset);
        Frame = EvaluationFrame.Of(Split, order.Cutoffs, order.Sampled);
        _replicates = order.Replicates;
    }

    public EvaluationSplit Split { get; }

    public EvaluationFrame Frame { get; }

    /// <summary>Empty sums of an evaluation.</summary>
    public MetricSums NewMetrics() => new(Frame);

    /// <summary>Empty sums of a comparison.</summary>
    public BootstrapSums NewComparison() => PairedEvaluator.NewSums(Frame, _replicates, BootstrapSeed);
}
