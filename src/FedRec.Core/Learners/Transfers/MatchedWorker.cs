using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.Transfers;

/// <summary>Scores with a <see cref="MatchedVersion"/>: translates what is asked, and what is answered. Not thread-safe.</summary>
/// <param name="inner">Kernels for the version's own catalogue.</param>
/// <param name="items">Items of that.</param>
internal class MatchedWorker(ILearnerWorker inner, int items) : ILearnerWorker
{
    private readonly float[] _scores = new float[items];

    private ILearnerWorker Inner => inner;

    private float[] Scores => _scores;

    /// <summary>A worker that can what the inner one can.</summary>
    public static MatchedWorker Around(ILearnerWorker inner, int items) => inner switch
    {
        IRatingWorker and IFeatureExplainer => new MatchedExplainer(inner, items),
        IRatingWorker => new MatchedRatingWorker(inner, items),
        _ => new MatchedWorker(inner, items),
    };

    /// <summary>Not possible: a run trains with its own catalogue.</summary>
    public LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output) =>
        throw new NotSupportedException("A version of another catalogue is scored with; a run that begins with it carries its parameters over.");

    /// <inheritdoc/>
    public void Score(PreparedModel model, UserHistory history, Span<float> scores)
    {
        var matched = (MatchedVersion)model;
        inner.Score(matched.Own, matched.Translate(history, out _), _scores);
        matched.Spread(_scores, scores);
    }

    /// <inheritdoc/>
    public void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts)
    {
        var matched = (MatchedVersion)model;
        parts.Clear();
        if (matched.PlaceOf(item) is >= 0 and var place)
        {
            var own = matched.Translate(history, out var positions);
            var found = new float[positions.Length];
            inner.Explain(matched.Own, own, place, found);
            for (var i = 0; i < positions.Length; i++)
            {
                parts[positions[i]] = found[i];
            }
        }
    }

    /// <inheritdoc/>
    public IItemSimilarity? Similarity(PreparedModel model) =>
        inner.Similarity(((MatchedVersion)model).Own) is { } own ? new MatchedSimilarity(own, (MatchedVersion)model, items) : null;

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    private sealed class MatchedSimilarity(IItemSimilarity own, MatchedVersion matched, int count) : IItemSimilarity
    {
        public string Words => own.Words;

        public bool Measure(int item, Span<float> similarities)
        {
            if (matched.PlaceOf(item) is not (>= 0 and var place))
            {
                similarities.Fill(float.NaN);
                return false;
            }

            var found = new float[count];
            own.Measure(place, found);
            matched.Spread(found, similarities);
            return true;
        }
    }

    private class MatchedRatingWorker(ILearnerWorker rating, int count) : MatchedWorker(rating, count), IRatingWorker
    {
        /// <remarks>Of an item that the version does not know, the user's mean rating is all there is to say; of a user who rated nothing, what the version predicts on average.</remarks>
        public void Predict(PreparedModel model, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions)
        {
            var matched = (MatchedVersion)model;
            var known = new List<(int Place, int Position)>();
            var mean = history.Ratings.IsEmpty ? Average(matched) : TensorPrimitives.Average(history.Ratings);
            for (var i = 0; i < items.Length; i++)
            {
                predictions[i] = mean;
                if (matched.PlaceOf(items[i]) is >= 0 and var place)
                {
                    known.Add((place, i));
                }
            }

            known.Sort();
            var found = new float[known.Count];
            ((IRatingWorker)Inner).Predict(matched.Own, matched.Translate(history, out _), known.Select(item => item.Place).ToArray(), found);
            for (var i = 0; i < found.Length; i++)
            {
                predictions[known[i].Position] = found[i];
            }
        }

        private float Average(MatchedVersion matched)
        {
            ((IRatingWorker)Inner).Predict(matched.Own, new UserHistory([]), Enumerable.Range(0, Scores.Length).ToArray(), Scores);
            return TensorPrimitives.Average<float>(Scores);
        }
    }

    private sealed class MatchedExplainer(ILearnerWorker explainer, int count) : MatchedRatingWorker(explainer, count), IFeatureExplainer
    {
        public void Attribute(PreparedModel model, ReadOnlySpan<float> features, int item, Span<float> parts)
        {
            var matched = (MatchedVersion)model;
            parts.Clear();
            if (matched.PlaceOf(item) is >= 0 and var place)
            {
                ((IFeatureExplainer)Inner).Attribute(matched.Own, features, place, parts);
            }
        }
    }
}
