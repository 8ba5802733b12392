using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Privacy;
using FedRec.Core.Updates;

namespace FedRec.Core.Federation;

/// <summary>Trains a client as another worker does, and makes the joint vector of <see cref="AdaptiveClipping"/> of what comes of it. Scores with the model itself. Not thread-safe.</summary>
/// <param name="inner">Trains and scores.</param>
/// <param name="layout">Of its updates.</param>
internal class AdaptivelyClippedWorker(ILearnerWorker inner, UpdateLayout layout) : ILearnerWorker
{
    private const double Margin = 2e-7; // what rounding to float32 may add to a length

    private ILearnerWorker Inner => inner;

    /// <summary>A worker that can what the inner one can.</summary>
    public static ILearnerWorker Around(ILearnerWorker inner, UpdateLayout layout) => inner switch
    {
        IRatingWorker and IFeatureExplainer => new Explainer(inner, layout),
        IRatingWorker => new Rating(inner, layout),
        _ => new AdaptivelyClippedWorker(inner, layout),
    };

    /// <inheritdoc/>
    public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output)
    {
        var (norm, result) = (AdaptivelyClippedLearner.NormIn(model.Parameters.Span), inner.Train(Own(model), task, output));
        var length = NormClipping.Length(output, layout);
        TensorPrimitives.Multiply(output.Values, (float)(AdaptiveClipping.UpdateLength * (1 - Margin) / Math.Max(length, norm)), output.Values);
        output.Segment(layout.Length, 1)[0] = (float)(length <= norm ? AdaptiveClipping.IndicatorLength : -AdaptiveClipping.IndicatorLength);
        return result;
    }

    /// <inheritdoc/>
    public void Score(PreparedModel model, UserHistory history, Span<float> scores) => inner.Score(Own(model), history, scores);

    /// <inheritdoc/>
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts) => inner.Explain(Own(model), history, item, parts);

    /// <inheritdoc/>
    public IItemSimilarity? Similarity(PreparedModel model) => inner.Similarity(Own(model));

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    // A client's own model comes without a norm.
    private static PreparedModel Own(PreparedModel model) => AdaptivelyClippedLearner.Unwrapped(model);

    private class Rating(ILearnerWorker rating, UpdateLayout layout) : AdaptivelyClippedWorker(rating, layout), IRatingWorker
    {
        public void Predict(PreparedModel model, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions) => ((IRatingWorker)Inner).Predict(Own(model), history, items, predictions);
    }

    private sealed class Explainer(ILearnerWorker explainer, UpdateLayout layout) : Rating(explainer, layout), IFeatureExplainer
    {
        public void Attribute(PreparedModel model, ReadOnlySpan<float> features, int item, Span<float> parts) => ((IFeatureExplainer)Inner).Attribute(Own(model), features, item, parts);
    }
}
