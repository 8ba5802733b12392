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

/// <summary>Predicts the mean of the training labels for every row: what a regression must beat. Thread-safe.</summary>
internal sealed class MeanScorer : IScorer
{
    private readonly float _mean;

    public MeanScorer(UserItems train)
    {
        var (sum, count) = (0.0, 0);
        for (var row = 0; row < train.UserCount; row++)
        {
            foreach (var label in train.Ratings(row))
            {
                sum += label;
                count++;
            }
        }

        _mean = (float)(count == 0 ? 0 : sum / count);
    }

    /// <inheritdoc/>
    public void Score(int user, UserHistory history, Span<float> scores) => scores.Fill(_mean);

    /// <inheritdoc/>
    public bool TryPredict(int user, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions)
    {
        predictions.Fill(_mean);
        return true;
    }
}
