using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Training;

namespace FedRec.Core.Models;

/// <summary>One thread's share of a learner: kernels with their scratch memory. Not thread-safe.</summary>
public interface ILearnerWorker : IDisposable
{
    /// <summary>Trains one client for one round; deterministic in its arguments.</summary>
    /// <param name="model">The version the round starts from.</param>
    /// <param name="task">The client's data, its draws, and what it kept from its last round.</param>
    /// <param name="output">Cleared by the caller; receives the contribution.</param>
    /// <returns>Training loss, number of examples, and what the client keeps for its next round.</returns>
    LocalResult Train(PreparedModel model, LocalTask task, ContributionBuffer output);

    /// <summary>Scores every item for a user with the given history; higher is better.</summary>
    /// <param name="model">Any version of the learner.</param>
    /// <param name="history">What the user has met; may be empty, and need not be of a user that was trained on.</param>
    /// <param name="scores">Receives one score per item of the catalogue.</param>
    void Score(PreparedModel model, UserHistory history, Span<float> scores);

    /// <summary>Splits an item's score into the parts that the user's own items add to it.</summary>
    /// <param name="model">Any version of the learner.</param>
    /// <param name="history">What the user has met.</param>
    /// <param name="item">The recommended item.</param>
    /// <param name="parts">Receives one part per item of <paramref name="history"/>, in its order; the learner's documentation says
    /// whether they add up to the score.</param>
    void Explain(PreparedModel model, UserHistory history, int item, Span<float> parts);

    /// <summary>Which items a version holds near to each other. Default: null, of a learner whose models do not say.</summary>
    /// <param name="model">Any version of the learner.</param>
    IItemSimilarity? Similarity(PreparedModel model) => null;
}
