using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Training;

namespace FedRec.Core.Models;

/// <summary>One thread's share of a learner: kernels with their scratch memory. Not thread-safe.</summary>
public interface ILearnerWorker : IDisposable
{
    /// <summary>Trains one client for one round; deterministic in its arguments.</summary>
    /// <param name="model">The version the round starts from.</param>
    /// <param name="data">The client's training data.</param>
    /// <param name="random">Draws of this client and round, from <see cref="SeedSequence"/>.</param>
    /// <param name="output">Cleared by the caller; receives the contribution.</param>
    /// <returns>Training loss and number of examples.</returns>
    LocalResult Train(PreparedModel model, ClientData data, SeededRandom random, ContributionBuffer output);

    /// <summary>Scores every item for a user with the given history; higher is better.</summary>
    /// <param name="model">Any version of the learner.</param>
    /// <param name="history">The user's items, ascending; may be empty.</param>
    /// <param name="scores">Receives one score per item of the catalogue.</param>
    void Score(PreparedModel model, ReadOnlySpan<int> history, Span<float> scores);

    /// <summary>Splits an item's score into the parts that the user's own items add to it.</summary>
    /// <param name="model">Any version of the learner.</param>
    /// <param name="history">The user's items, ascending.</param>
    /// <param name="item">The recommended item.</param>
    /// <param name="parts">Receives one part per item of <paramref name="history"/>; they add up to the score.</param>
    void Explain(PreparedModel model, ReadOnlySpan<int> history, int item, Span<float> parts);
}
