using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Models;
using FedRec.Core.Training;

namespace FedRec.Core.Personalization.Clusters;

/// <summary>A clustered worker of a learner whose scores stand for ratings.</summary>
internal sealed class ClusteredRatingWorker(ClusteredWorker worker) : IRatingWorker
{
    /// <inheritdoc/>
    public LocalResult Train(PreparedModel model, LocalTask task, ContributionBuffer output) => worker.Train(model, task, output);

    /// <inheritdoc/>
    public void Score(PreparedModel model, UserHistory history, Span<float> scores) => worker.Score(model, history, scores);

    /// <inheritdoc/>
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts) => worker.Explain(model, history, item, parts);

    /// <inheritdoc/>
    public void Predict(PreparedModel model, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions) =>
        worker.Predict(model, history, items, predictions);

    /// <inheritdoc/>
    public IItemSimilarity? Similarity(PreparedModel model) => worker.Similarity(model);

    /// <inheritdoc/>
    public void Dispose() => worker.Dispose();
}
