namespace FedRec.Core.Models.NeuralCollaborativeFiltering;

/// <summary>How a client of any network steps: the options that <c>ncf</c>, <c>two-tower</c> and <c>mlp</c> share.</summary>
internal static class LocalStepOptions
{
    /// <summary>FedProx.</summary>
    public static LearnerOption Proximal { get; } = LearnerOption.Number("proximal", 0, 100, "0", "FedProx: how strongly a client is held near the model it received.");

    /// <summary>The local optimizer.</summary>
    public static LearnerOption Optimizer { get; } = LearnerOption.Choice("optimizer", ["sgd", "adam", "adamw"], "sgd", "How a client steps; it begins anew in each round.");

    /// <summary>Size of a step.</summary>
    /// <param name="default">In words, as it depends on the optimizer.</param>
    public static LearnerOption LearningRate(string @default) => LearnerOption.Number("learning-rate", 0, 1000, @default, "Size of a client's steps.", aboveMinimum: true);

    /// <summary>Passes over a client's data.</summary>
    /// <param name="examples">What the data is: users or rows.</param>
    public static LearnerOption Epochs(string examples) => LearnerOption.WholeNumber("epochs", 1, 100, "1", $"A client's passes over its {examples} in one round.");

    /// <summary>Examples of one step.</summary>
    /// <param name="examples">What they are: Users or Rows.</param>
    public static LearnerOption Batch(string examples) => LearnerOption.WholeNumber("batch", 1, 65_536, "32", $"{examples} of one local step.");
}
