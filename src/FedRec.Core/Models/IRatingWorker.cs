using FedRec.Core.Data;

namespace FedRec.Core.Models;

/// <summary>A worker whose scores stand for ratings, so that they can be held against the ratings users gave.</summary>
/// <remarks>Optional: an evaluation asks a worker whether it is one, and measures RMSE and MAE only then.</remarks>
public interface IRatingWorker : ILearnerWorker
{
    /// <summary>Predicts a user's ratings of some items, on the scale of the data.</summary>
    /// <param name="model">Any version of the learner.</param>
    /// <param name="history">What the user has met, with ratings; may be empty, and holds none of <paramref name="items"/>.</param>
    /// <param name="items">Dense item numbers, ascending and without repeats.</param>
    /// <param name="predictions">Receives one rating per item of <paramref name="items"/>, not rounded.</param>
    void Predict(PreparedModel model, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions);
}
