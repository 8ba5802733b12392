using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Updates;

namespace FedRec.Core.Personalization.Clusters;

/// <summary>Trains a client on the shared model and, once the clusters have formed, on the model of its cluster too; with the same draws.</summary>
/// <remarks>Each model has a worker of its own, as a worker may keep a copy of the model that it saw last.</remarks>
internal sealed class ClusteredWorker : ILearnerWorker
{
    private readonly ClusteredLayout _layout;
    private readonly ClusterSchedule _schedule;
    private readonly int _itemValues;
    private readonly Lazy<ILearnerWorker>[] _workers; // of the shared model, the clusters' and the reference
    private readonly UpdateBuffer _one = new();
    private readonly float[] _sketch = new float[UpdateSketch.Length];

    public ClusteredWorker(ILearner inner, ClusteredLayout layout, ClusterSchedule schedule)
    {
        (_layout, _schedule, _itemValues) = (layout, schedule, ItemTables.Length(inner.Recipe(LearningPhase.Training).Update)); // parties differ in their items
        _workers = [.. Enumerable.Range(0, layout.Clusters + 2).Select(_ => new Lazy<ILearnerWorker>(inner.CreateWorker, isThreadSafe: false))];
    }

    /// <summary>Whether scores stand for ratings.</summary>
    public bool PredictsRatings => _workers[0].Value is IRatingWorker;

    /// <inheritdoc/>
    /// <remarks>Loss and examples are those of the shared model: so a client weighs what it weighs without clusters.</remarks>
    public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output)
    {
        var version = (ClusteredModel)model;
        var result = TrainOne(0, version.Shared, task);
        Copy(_one, output, 0);
        if (_schedule.Forms(version.Rounds))
        {
            var cluster = Nearest(version);
            _sketch.CopyTo(output.Segment(_layout.Sketches + (cluster * UpdateSketch.Length), UpdateSketch.Length));
            output.Segment(_layout.Weights(_layout.Forming) + cluster, 1)[0] = 1;
        }
        else if (_schedule.Trains(version.Rounds))
        {
            TrainCluster(version, Find(version, task), task, output);
        }

        return result;
    }

    /// <summary>The model that a client takes: its cluster's.</summary>
    public PreparedModel Choose(ClusteredModel version, LocalTask task) => _schedule.Trains(version.Rounds) ? version.Clusters[Find(version, task)] : version.Shared;

    /// <inheritdoc/>
    public void Score(PreparedModel model, UserHistory history, Span<float> scores) => Of(model, out var one).Score(one, history, scores);

    /// <inheritdoc/>
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts) => Of(model, out var one).Explain(one, history, item, parts);

    /// <inheritdoc/>
    public IItemSimilarity? Similarity(PreparedModel model) => Of(model, out var one).Similarity(one);

    /// <inheritdoc cref="IRatingWorker.Predict"/>
    public void Predict(PreparedModel model, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions) =>
        ((IRatingWorker)Of(model, out var one)).Predict(one, history, items, predictions);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var worker in _workers.Where(worker => worker.IsValueCreated))
        {
            worker.Value.Dispose();
        }
    }

    // A version stands for its shared model; a cluster's model was chosen from one.
    private ILearnerWorker Of(PreparedModel model, out PreparedModel one)
    {
        one = model is ClusteredModel version ? version.Shared : model;
        return _workers[ReferenceEquals(one, model) ? 1 : 0].Value;
    }

    private void TrainCluster(ClusteredModel version, int cluster, LocalTask task, UpdateBuffer output)
    {
        TrainOne(cluster + 1, version.Clusters[cluster], task);
        Copy(_one, output, _layout.Share(cluster));
        output.Segment(_layout.Weights(_layout.Training) + cluster, 1)[0] = 1;
    }

    // The cluster of the client, by its update of the reference.
    private int Find(ClusteredModel version, LocalTask task)
    {
        TrainOne(_workers.Length - 1, version.Reference, task);
        return Nearest(version);
    }

    private int Nearest(ClusteredModel version)
    {
        UpdateSketch.Write(_one, _itemValues, _sketch);
        return version.Nearest(_sketch);
    }

    private LocalResult TrainOne(int worker, PreparedModel model, LocalTask task)
    {
        _one.Clear();
        return _workers[worker].Value.Train(model, task, _one);
    }

    private static void Copy(UpdateBuffer from, UpdateBuffer to, int offset)
    {
        for (var segment = 0; segment < from.SegmentCount; segment++)
        {
            var values = from.SegmentValues(segment);
            values.CopyTo(to.Segment(offset + from.Offset(segment), values.Length));
        }
    }
}

/// <summary>A clustered worker of a learner whose scores stand for ratings.</summary>
internal sealed class ClusteredRatingWorker(ClusteredWorker worker) : IRatingWorker
{
    /// <inheritdoc/>
    public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output) => worker.Train(model, task, output);

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
