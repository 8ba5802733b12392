namespace FedRec.Core.Learners.Networks;

/// <summary>Settings of the learner <c>ncf</c>.</summary>
public sealed record NeuralOptions
{
    /// <summary>How embeddings become a score. Default: NeuMF.</summary>
    public NeuralModel Model { get; init; } = NeuralModel.NeuMf;

    /// <summary>Length of a user or item embedding, 1 to 256; NeuMF has two of them. Default: 32.</summary>
    public int Dims { get; init; } = 32;

    /// <summary>Width of the tower's first layer, 1 to 1,024; each further layer is half as wide as the one below it
    /// (He et al. 2017, §3.3), at least 1. Default: 32.</summary>
    public int Width { get; init; } = 32;

    /// <summary>ReLU layers of the tower, 1 to 8. Default: 2.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Chance that a value after a ReLU is left out of a training step, in [0, 0.95]. Default: 0.</summary>
    public double Dropout { get; init; }

    /// <summary>Chance that an own item is left out of its user's embedding in a training step, in [0, 0.95]. Default: 0.5.</summary>
    /// <remarks>A user's embedding is made from the very items it has to predict; without this, each item would learn to
    /// predict itself (Liang et al. 2018, arXiv:1802.05814, §2.3, drop the input of their autoencoder for the same reason).</remarks>
    public double HistoryDropout { get; init; } = 0.5;

    /// <summary>τ: in a score an own item with k newer ones adds exp(−k/τ) to its user's embedding, whose length stays, in items, 0 to 1,000,000; 0 for all alike. Default: 5.</summary>
    public double Recency { get; init; } = 5;

    /// <summary>The loss. Default: logistic.</summary>
    public NeuralLoss Loss { get; init; } = NeuralLoss.Logistic;

    /// <summary>Negatives drawn for each own item, 1 to 100. Default: 4.</summary>
    /// <remarks>They are drawn afresh in each epoch, without repeats within it, and never more than there are other items.</remarks>
    public int Negatives { get; init; } = 4;

    /// <summary>λ of the user embedding, in [0, 100]: λ/2·‖p‖² beside a user's loss. Default: 0.01.</summary>
    public double L2User { get; init; } = 0.01;

    /// <summary>λ of the item embeddings, in [0, 100]: λ/2·‖q‖², mean over the items a client touches. Default: 0.</summary>
    public double L2Item { get; init; }

    /// <summary>λ of everything that is not an item's: λ/2·‖θ‖², in [0, 100]. Default: 0.</summary>
    public double L2Tower { get; init; }

    /// <summary>How a client steps. Default: SGD.</summary>
    public LocalOptimizer Optimizer { get; init; } = LocalOptimizer.Sgd;

    /// <summary>Size of a client's steps, in (0, 1000]. Default: 10 for SGD, 0.01 for Adam and AdamW.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Passes over a client's users in one round, 1 to 100. Default: 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Users of one local step, 1 to 65,536; only a client of many users has more than one step in an epoch. Default: 32.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>μ of FedProx, in [0, 100]: μ/2·‖θ − received θ‖² beside the loss holds a client near the model it received
    /// (Li et al. 2020, arXiv:1812.06127). Default: 0.</summary>
    public double Proximal { get; init; }

    /// <summary>Standard deviation of an initial embedding's length, in (0, 10]: each value has this over √dims. Default: 0.1.</summary>
    public double InitScale { get; init; } = 0.1;

    /// <summary><see cref="LearningRate"/> with its default.</summary>
    internal double StepSize => LearningRate ?? (Optimizer == LocalOptimizer.Sgd ? 10 : 0.01);
}

/// <summary>How a user embedding p and an item embedding q become a score (He et al. 2017, arXiv:1708.05031, §3).</summary>
public enum NeuralModel
{
    /// <summary>Generalised matrix factorisation: a learnt weighted sum of p ⊙ q (equation 9).</summary>
    Gmf,

    /// <summary>A tower of ReLU layers over p and q side by side (equation 10).</summary>
    Mlp,

    /// <summary>The sum of both, each with embeddings of its own (equation 12).</summary>
    NeuMf,
}

/// <summary>What a client's share of the loss is.</summary>
public enum NeuralLoss
{
    /// <summary>Cross-entropy of each own item against the drawn items together: a softmax over the own and the drawn items,
    /// in which a drawn item stands for all that were not drawn (Jean et al. 2015, arXiv:1412.2007).</summary>
    Softmax,

    /// <summary>Binary cross-entropy of each own and each drawn item (He et al. 2017, equation 7).</summary>
    Logistic,
}
