using FedRec.Core.Learners.Networks;

namespace FedRec.Core.Learners.TwoTowers;

/// <summary>Settings of the learner <c>two-tower</c>.</summary>
public sealed record TwoTowerOptions
{
    /// <summary>Length of an item embedding and of what a tower gives, 1 to 256. Default: 32.</summary>
    public int Dims { get; init; } = 32;

    /// <summary>Width of both hidden layers of a tower, 1 to 1,024. Default: 64.</summary>
    public int HiddenUnits { get; init; } = 64;

    /// <summary>Chance that an own item is left out of its user's history in a training step, in [0, 0.95]. Default: 0.5.</summary>
    public double HistoryDropout { get; init; } = 0.5;

    /// <summary>τ: in a score an own item with k newer ones weighs exp(−k/τ) in its user's history, in items, 0 to 1,000,000; 0 for all alike. Default: 5.</summary>
    public double Recency { get; init; } = 5;

    /// <summary>Chance that a candidate's embedding and bias are left out of a training step, in [0, 0.95], where items have features. Default: 0.5.</summary>
    /// <remarks>Towers learn from it what to do with an item that has no embedding (Volkovs et al. 2017, NeurIPS, DropoutNet).</remarks>
    public double EmbeddingDropout { get; init; } = 0.5;

    /// <summary>Negatives drawn for each own item, 1 to 100. Default: 4.</summary>
    public int Negatives { get; init; } = 4;

    /// <summary>λ of the towers: λ/2·‖θ‖², in [0, 100]. Default: 0.</summary>
    public double L2Tower { get; init; }

    /// <summary>How a client steps. Default: SGD.</summary>
    public LocalOptimizer Optimizer { get; init; } = LocalOptimizer.Sgd;

    /// <summary>Size of a client's steps, in (0, 1000]. Default: 1 for SGD, 0.01 for Adam and AdamW.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Passes over a client's users in one round, 1 to 100. Default: 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Users of one local step, 1 to 65,536. Default: 32.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>μ of FedProx, in [0, 100]. Default: 0.</summary>
    public double Proximal { get; init; }

    /// <summary>Standard deviation of an initial embedding's length, in (0, 10]. Default: 0.1.</summary>
    public double InitScale { get; init; } = 0.1;

    /// <summary><see cref="LearningRate"/> with its default.</summary>
    internal double StepSize => LearningRate ?? (Optimizer == LocalOptimizer.Sgd ? 1 : 0.01);

    /// <summary>How examples are drawn and parameters begin: as those of <c>ncf</c> with the log loss.</summary>
    internal NeuralOptions Shared => new()
    {
        Dims = Dims,
        HistoryDropout = HistoryDropout,
        Negatives = Negatives,
        Epochs = Epochs,
        Batch = Batch,
        InitScale = InitScale,
    };
}
