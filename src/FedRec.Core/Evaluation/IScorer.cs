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
}
