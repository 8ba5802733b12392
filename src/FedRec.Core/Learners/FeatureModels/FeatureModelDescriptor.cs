using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners.Networks;

namespace FedRec.Core.Learners.FeatureModels;

/// <summary>Offers <c>mlp</c> to users: its options as text, and what suits it.</summary>
internal static class FeatureModelDescriptor
{
    private static readonly FeatureModelOptions s_default = new();

    private static readonly LearnerOption s_units = LearnerOption.WholeNumber("hidden-units", 1, 1024, "64", "Width of each hidden layer.").Only(HasLayers, "at least one of the hidden-layers");

    private static readonly LearnerOption s_layers = LearnerOption.WholeNumber("hidden-layers", 0, 8, "2", "Hidden ReLU layers; 0 is a linear model.");

    private static readonly LearnerOption s_dropout = LearnerOption.Number("hidden-dropout", 0, 0.95, "0", "Chance that a value after a ReLU is left out of a training step.").Only(HasLayers, "at least one of the hidden-layers");

    private static readonly LearnerOption s_l2 = LearnerOption.Number("l2-hidden", 0, 100, "0.001", "L2 of all weights.");

    private static readonly LearnerOption s_optimizer = LocalStepOptions.Optimizer;

    private static readonly LearnerOption s_learningRate = LocalStepOptions.LearningRate("0.05, or 0.001 for adam and adamw");

    private static readonly LearnerOption s_epochs = LocalStepOptions.Epochs("rows");

    private static readonly LearnerOption s_batch = LocalStepOptions.Batch("Rows");

    private static readonly LearnerOption s_proximal = LocalStepOptions.Proximal;

    /// <summary>The registration.</summary>
    public static LearnerDescriptor Instance { get; } = new(
        "mlp",
        "network over the features of labelled rows: regression and classification",
        [s_units, s_layers, s_dropout, s_l2, s_optimizer, s_learningRate, s_epochs, s_batch, s_proximal],
        (values, shape) => new FeatureModel(Parse(values), shape),
        values => Recommend(Parse(values)))
    {
        NeedsTorch = true,
        TakesLabels = true,
        // Rows, not users: an item table there is none, items that could be hidden neither, and its first round is one of preparation.
        Personalizes = [PersonalizationMethod.FineTune],
        Derived = values => new Dictionary<string, double> { [s_learningRate.Name] = Parse(values).StepSize },
    };

    /// <summary>Reads options from their text.</summary>
    /// <exception cref="ArgumentException">A value is not allowed.</exception>
    public static FeatureModelOptions Parse(IReadOnlyDictionary<string, string> values) => new()
    {
        HiddenUnits = s_units.ReadWholeNumber(values) ?? s_default.HiddenUnits,
        HiddenLayers = s_layers.ReadWholeNumber(values) ?? s_default.HiddenLayers,
        Dropout = s_dropout.ReadNumber(values) ?? s_default.Dropout,
        L2 = s_l2.ReadNumber(values) ?? s_default.L2,
        Optimizer = (LocalOptimizer?)s_optimizer.ReadChoice(values) ?? s_default.Optimizer,
        LearningRate = s_learningRate.ReadNumber(values),
        Epochs = s_epochs.ReadWholeNumber(values) ?? s_default.Epochs,
        Batch = s_batch.ReadWholeNumber(values) ?? s_default.Batch,
        Proximal = s_proximal.ReadNumber(values) ?? s_default.Proximal,
    };

    private static bool HasLayers(IReadOnlyDictionary<string, string> values) => s_layers.ReadWholeNumber(values) is not 0;

    /// <summary>Refuses values outside their ranges.</summary>
    /// <exception cref="ArgumentException">Names the option, its value and its range.</exception>
    public static void Validate(FeatureModelOptions options)
    {
        s_units.ThrowUnlessAllowed(options.HiddenUnits);
        s_layers.ThrowUnlessAllowed(options.HiddenLayers);
        s_dropout.ThrowUnlessAllowed(options.Dropout);
        s_l2.ThrowUnlessAllowed(options.L2);
        s_learningRate.ThrowUnlessAllowed(options.StepSize);
        s_epochs.ThrowUnlessAllowed(options.Epochs);
        s_batch.ThrowUnlessAllowed(options.Batch);
        s_proximal.ThrowUnlessAllowed(options.Proximal);
    }

    // The first of the rounds is the one of preparation.
    private static LearnerDefaults Recommend(FeatureModelOptions options)
    {
        Validate(options);
        return new LearnerDefaults(new ServerOptimizerOptions(), "examples", 31);
    }
}

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
