using FedRec.Core.Data;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners;

/// <summary>One thread's share of a learner: kernels with their scratch memory. Not thread-safe.</summary>
public interface ILearnerWorker : IDisposable
{
    /// <summary>Trains one client for one round; deterministic in its arguments.</summary>
    /// <param name="model">The version the round starts from.</param>
    /// <param name="task">The client's data, its draws, and what it kept from its last round.</param>
    /// <param name="output">Cleared by the caller; receives the update.</param>
    /// <returns>Training loss, number of examples, and what the client keeps for its next round.</returns>
    LocalResult Train(PreparedModel model, LocalTask task, UpdateBuffer output);

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

/// <summary>What one client brings to its training in one round.</summary>
/// <param name="Data">Its training data.</param>
/// <param name="Random">Draws of this client and round, from <see cref="SeedSequence"/>; copy it to a variable before drawing.</param>
/// <param name="State">What the client has kept from its last round, such as control variates; empty before its first round, and for
/// learners that keep nothing.</param>
/// <param name="Counted">The data as it is in the base model's statistics already, where that differs from <paramref name="Data"/>; null
/// where it does not. Only for learners that add up exact statistics.</param>
public readonly record struct LocalTask(ClientData Data, SeededRandom Random, ReadOnlyMemory<byte> State = default, ClientData? Counted = null);

/// <summary>What a client reports of its training beside the update itself.</summary>
/// <param name="Loss">Mean training loss per example; finite.</param>
/// <param name="Examples">Examples trained on in one epoch, at least 0.</param>
/// <param name="State">What the client keeps for its next round; it never leaves the client. Empty for learners that keep nothing.</param>
public readonly record struct LocalResult(double Loss, int Examples, ReadOnlyMemory<byte> State = default);

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

/// <summary>A worker whose scores come from a user's features, and that can say what each of them changes.</summary>
public interface IFeatureExplainer
{
    /// <summary>What each feature changes in an item's score.</summary>
    /// <param name="model">Any version of the learner.</param>
    /// <param name="features">A value for each column of the users' <see cref="Data.Features.FeatureSchema"/>.</param>
    /// <param name="item">The recommended item: for labelled rows the class, or 0 for a regression.</param>
    /// <param name="parts">Receives a part for each column; the learner's documentation says whether they add up to the score.</param>
    void Attribute(PreparedModel model, ReadOnlySpan<float> features, int item, Span<float> parts);
}
