using FedRec.Core.Learners.Networks;

namespace FedRec.Core.Learners.FeatureModels;

/// <summary>Settings of the learner <c>mlp</c>.</summary>
public sealed record FeatureModelOptions
{
    /// <summary>Width of each hidden layer, 1 to 1,024. Default: 64.</summary>
    public int HiddenUnits { get; init; } = 64;

    /// <summary>Hidden ReLU layers, 0 (a linear model) to 8. Default: 2.</summary>
    public int HiddenLayers { get; init; } = 2;

    /// <summary>Chance that a value after a ReLU is left out of a training step, in [0, 0.95]. Default: 0.</summary>
    public double Dropout { get; init; }

    /// <summary>λ/2·‖θ‖² beside the mean loss, in [0, 100]. Default: 0.001.</summary>
    public double L2 { get; init; } = 0.001;

    /// <summary>How a client steps. Default: SGD.</summary>
    public LocalOptimizer Optimizer { get; init; } = LocalOptimizer.Sgd;

    /// <summary>Size of a client's steps, in (0, 1000]. Default: 0.05 for SGD, 0.001 for Adam and AdamW.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Passes over a client's rows in one round, 1 to 100. Default: 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Rows of one local step, 1 to 65,536. Default: 32.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>μ of FedProx, in [0, 100]. Default: 0.</summary>
    public double Proximal { get; init; }

    /// <summary><see cref="LearningRate"/> with its default.</summary>
    internal double StepSize => LearningRate ?? (Optimizer == LocalOptimizer.Sgd ? 0.05 : 0.001);
}
