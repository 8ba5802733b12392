using FedRec.Core.Data;

namespace FedRec.Core.Evaluation.Baselines;

/// <summary>Scores an item by its number of training interactions: the same list for everybody. Thread-safe.</summary>
internal sealed class PopularityScorer : IScorer
{
    private readonly float[] _counts;

    public PopularityScorer(Dataset dataset) => _counts = [.. Transposed.CountItems(dataset.Train, dataset.Items.Count).Select(c => (float)c)];

    /// <inheritdoc/>
    public void Score(int user, UserHistory history, Span<float> scores) => _counts.CopyTo(scores);
}
