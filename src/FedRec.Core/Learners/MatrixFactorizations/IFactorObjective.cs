using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>What differs between the objectives of <c>mf</c>; one instance for one catalogue, without state that changes.</summary>
internal interface IFactorObjective
{
    /// <inheritdoc cref="ILearner.Parameters"/>
    /// <remarks>The first block holds the item vectors; only they begin at random.</remarks>
    ParameterLayout Parameters { get; }

    /// <inheritdoc cref="ILearner.Recipe"/>
    /// <remarks>All its rounds are alike.</remarks>
    RoundRecipe Recipe { get; }

    /// <inheritdoc cref="ILearner.Prepare"/>
    /// <remarks>The caller has checked the length.</remarks>
    PreparedModel Prepare(ReadOnlyMemory<float> parameters);

    /// <inheritdoc cref="ILearner.CreateWorker"/>
    /// <param name="sampler">Where negatives come from.</param>
    ILearnerWorker CreateWorker(Func<int, NegativeSampler> sampler);

    /// <summary>Turns a closed round into the direction in which the server steps.</summary>
    /// <param name="parameters">What the clients trained from.</param>
    /// <param name="aggregate">What they sent.</param>
    /// <param name="delta">Receives the direction.</param>
    void Aggregate(ReadOnlySpan<float> parameters, IAggregate aggregate, Span<float> delta);
}

/// <summary>What a client's share of the loss is.</summary>
/// <remarks>Where interactions count differently by their kind of event, an own item that counts w takes part as w such items would, in training and
/// in the fold-in; L2 grows along in least squares, and stays that of one example in local SGD. Ratings count alike in any case.</remarks>
public enum MatrixFactorizationObjective
{
    /// <summary>Weighted squares over all items: (ŷ − 1)² for the user's own items plus α·ŷ² for every item
    /// (Hu et al. 2008; Rendle et al. 2021, arXiv:2110.14037).</summary>
    LeastSquares,

    /// <summary>Binary cross-entropy of the user's own items against sampled negatives, by local mini-batch SGD
    /// (the client of McMahan et al. 2017, arXiv:1602.05629).</summary>
    Logistic,

    /// <summary>An own item should score above each negative it is paired with, by local mini-batch SGD
    /// (BPR: Rendle et al. 2009, arXiv:1205.2618).</summary>
    Pairwise,

    /// <summary>Squared errors of explicit ratings, with user and item biases; each client subtracts its own mean rating.</summary>
    Ratings,
}
