namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>Settings of the learner <c>mf</c>.</summary>
public sealed record MatrixFactorizationOptions
{
    /// <summary>Length of a user or item vector, 1 to 256. Default: 64.</summary>
    public int Dims { get; init; } = 64;

    /// <summary>The loss. Default: least squares.</summary>
    public MatrixFactorizationObjective Objective { get; init; } = MatrixFactorizationObjective.LeastSquares;

    /// <summary>Weight α of every item's ŷ² in the least-squares loss, in (0, 10]. Default: 0.3.</summary>
    public double Alpha { get; init; } = 0.3;

    /// <summary>L2 of a user vector, in (0, 100]. Default: 0.006, or 0.02 for logistic and BPR, or 0.1 for ratings.</summary>
    /// <remarks>Least squares: λ·(own items + α·all items)·‖u‖², the scaling with the number of examples that Rendle et al. 2021
    /// found to transfer between data sets. Ratings: λ·(own ratings)·(‖u‖² + bias²). Local SGD: λ/2·‖u‖² beside the mean loss of a batch.</remarks>
    public double? L2User { get; init; }

    /// <summary>L2 of an item vector, in [0, 100]. Default: 0.006, or 0.02 for logistic and BPR, or 0.1 for ratings.</summary>
    /// <remarks>Least squares: λ·(users who have the item + α·all users)·‖v‖². Ratings: λ·(its ratings)·(‖v‖² + bias²). Local SGD: λ/2·‖v‖² for each example of the item.</remarks>
    public double? L2Item { get; init; }

    /// <summary>τ: in a score an own item with k newer ones counts exp(−k/τ), in items, 0 to 1,000,000; 0 counts all alike. Not for ratings. Default: 5.</summary>
    public double Recency { get; init; } = 5;

    /// <summary>Standard deviation of an initial item vector's length, in (0, 10]: each value has this over √dims. Default: 0.1.</summary>
    public double InitScale { get; init; } = 0.1;

    /// <summary>Local SGD: its step on the mean loss of a batch, in (0, 1000]. Default: 4.</summary>
    public double LearningRate { get; init; } = 4;

    /// <summary>Local SGD: negatives drawn for each own item, 1 to 100. Default: 4.</summary>
    /// <remarks>They are drawn afresh in each epoch, without repeats within it, and never more than there are other items.</remarks>
    public int Negatives { get; init; } = 4;

    /// <summary>Local SGD: passes over a client's examples in one round, 1 to 100. Default: 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Local SGD: examples of one step, 1 to 65,536; batches do not mix users. Default: 256.</summary>
    /// <remarks>BPR: a batch ends after the negatives of its last own item, so it may be a few examples longer.</remarks>
    public int BatchSize { get; init; } = 256;

    /// <summary>Local SGD: what keeps clients from drifting apart. Default: nothing.</summary>
    public LocalSgdOptions LocalSgd { get; init; } = new();

    /// <summary><see cref="L2User"/> with its default.</summary>
    internal double UserPenalty => L2User ?? DefaultPenalty;

    /// <summary><see cref="L2Item"/> with its default.</summary>
    internal double ItemPenalty => L2Item ?? DefaultPenalty;

    /// <summary>Whether clients run local SGD on sampled negatives.</summary>
    internal bool IsLocalSgd => Objective is MatrixFactorizationObjective.Logistic or MatrixFactorizationObjective.Pairwise;

    private double DefaultPenalty => Objective switch
    {
        MatrixFactorizationObjective.LeastSquares => 0.006,
        MatrixFactorizationObjective.Ratings => 0.1,
        _ => 0.02,
    };
}
