using FedRec.Core.Data;

namespace FedRec.Core.Evaluation;

/// <summary>Anything that scores the whole catalogue for a user. Not necessarily thread-safe: one per thread.</summary>
public interface IScorer
{
    /// <summary>Scores every item; higher is better.</summary>
    /// <param name="user">Dense user number.</param>
    /// <param name="history">What the user has met: training items, with ratings where there are any.</param>
    /// <param name="scores">Receives one score per item of the catalogue.</param>
    void Score(int user, UserHistory history, Span<float> scores);

    /// <summary>Predicts ratings, when the scorer is one that can.</summary>
    /// <param name="user">Dense user number.</param>
    /// <param name="history">What the user has met, with ratings where there are any.</param>
    /// <param name="items">Items to predict for, ascending.</param>
    /// <param name="predictions">Receives one rating per item, on the scale of the data.</param>
    /// <returns>False, the default, when it predicts no ratings.</returns>
    bool TryPredict(int user, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions) => false;
}
