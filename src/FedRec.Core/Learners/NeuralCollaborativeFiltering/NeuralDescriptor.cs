using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners.Networks;

namespace FedRec.Core.Learners.NeuralCollaborativeFiltering;

/// <summary>Offers <c>ncf</c> to users: its options as text, and what suits it.</summary>
/// <remarks>Defaults were searched on held-out validation interactions of MovieLens 100K, one seed each. On its test interactions, all clients
/// in each of 80 rounds, mean of 3 seeds: NeuMF HR@10 .147, NDCG@10 .079; popularity .086, .044. Softmax learnt faster at first and
/// ended lower; a quarter of the client trainings, in 240 rounds of 100 clients, reached at least as much on validation. All without recency:
/// with 5 the validation NDCG@10 of one seed is .118 in place of .073, and .037 in place of .030 on the small MovieLens of 2018.</remarks>
internal static class NeuralDescriptor
{
    private const string Tower = "model mlp or neumf";
    private static readonly NeuralOptions s_default = new();

    private static readonly LearnerOption s_model = LearnerOption.Choice("model", ["gmf", "mlp", "neumf"], "neumf",
        "How embeddings become a score: a weighted product, a tower of ReLU layers, or the sum of both.");

    private static readonly LearnerOption s_dims = LearnerOption.WholeNumber("dims", 1, 256, "32", "Length of user and item embeddings.");

    private static readonly LearnerOption s_width = LearnerOption.WholeNumber("width", 1, 1024, "32", "Width of the tower's first layer; each further one is half as wide.").Only(HasTower, Tower);

    private static readonly LearnerOption s_layers = LearnerOption.WholeNumber("layers", 1, 8, "2", "ReLU layers of the tower.").Only(HasTower, Tower);

    private static readonly LearnerOption s_dropout = LearnerOption.Number("layer-dropout", 0, 0.95, "0", "Chance that a value after a ReLU is left out of a training step.").Only(HasTower, Tower);

    private static readonly LearnerOption s_historyDropout = LearnerOption.Number("history-dropout", 0, 0.95, "0.5",
        "Chance that an own item is left out of its user's embedding in a training step.");

    private static readonly LearnerOption s_recency = LearnerOption.Number("recency", 0, 1e6, "5",
        "In a score, an own item with k newer ones adds exp(-k/recency) to its user's embedding; 0 for all alike. Training does not change.").Later("0");

    private static readonly LearnerOption s_loss = LearnerOption.Choice("loss", ["softmax", "logistic"], "logistic",
        "Each own item against the drawn ones together, or each own and each drawn item alone.");

    private static readonly LearnerOption s_negatives = LearnerOption.WholeNumber("negatives", 1, 100, "4", "Items drawn against each own item.");

    private static readonly LearnerOption s_l2User = LearnerOption.Number("l2-user", 0, 100, "0.01", "L2 of a user embedding.");

    private static readonly LearnerOption s_l2Item = LearnerOption.Number("l2-item", 0, 100, "0", "L2 of the item embeddings, mean over the items a client touches.");

    private static readonly LearnerOption s_l2Tower = LearnerOption.Number("l2-tower", 0, 100, "0", "L2 of all that is not an item's.");

    private static readonly LearnerOption s_optimizer = LocalStepOptions.Optimizer;

    private static readonly LearnerOption s_learningRate = LocalStepOptions.LearningRate("10, or 0.01 for adam and adamw");

    private static readonly LearnerOption s_epochs = LocalStepOptions.Epochs("users");

    private static readonly LearnerOption s_batch = LocalStepOptions.Batch("Users");

    private static readonly LearnerOption s_proximal = LocalStepOptions.Proximal;

    private static readonly LearnerOption s_initScale = LearnerOption.Number("init-scale", 0, 10, "0.1", "Length of an initial embedding.", aboveMinimum: true);

    /// <summary>The registration.</summary>
    public static LearnerDescriptor Instance { get; } = new(
        "ncf",
        "neural collaborative filtering with private user embeddings",
        [s_model, s_dims, s_width, s_layers, s_dropout, s_historyDropout, s_recency, s_loss, s_negatives, s_l2User, s_l2Item, s_l2Tower, s_optimizer, s_learningRate, s_epochs, s_batch, s_proximal, s_initScale],
        Create,
        values => Recommend(Parse(values)))
    {
        NeedsTorch = true,
        Derived = values => new Dictionary<string, double> { [s_learningRate.Name] = Parse(values).StepSize },
    };

    /// <summary>Reads options from their text.</summary>
    /// <exception cref="ArgumentException">A value is not allowed.</exception>
    public static NeuralOptions Parse(IReadOnlyDictionary<string, string> values) => new()
    {
        Model = (NeuralModel?)s_model.ReadChoice(values) ?? s_default.Model,
        Dims = s_dims.ReadWholeNumber(values) ?? s_default.Dims,
        Width = s_width.ReadWholeNumber(values) ?? s_default.Width,
        Layers = s_layers.ReadWholeNumber(values) ?? s_default.Layers,
        Dropout = s_dropout.ReadNumber(values) ?? s_default.Dropout,
        HistoryDropout = s_historyDropout.ReadNumber(values) ?? s_default.HistoryDropout,
        Recency = s_recency.ReadNumber(values) ?? s_default.Recency,
        Loss = (NeuralLoss?)s_loss.ReadChoice(values) ?? s_default.Loss,
        Negatives = s_negatives.ReadWholeNumber(values) ?? s_default.Negatives,
        L2User = s_l2User.ReadNumber(values) ?? s_default.L2User,
        L2Item = s_l2Item.ReadNumber(values) ?? s_default.L2Item,
        L2Tower = s_l2Tower.ReadNumber(values) ?? s_default.L2Tower,
        Optimizer = (LocalOptimizer?)s_optimizer.ReadChoice(values) ?? s_default.Optimizer,
        LearningRate = s_learningRate.ReadNumber(values),
        Epochs = s_epochs.ReadWholeNumber(values) ?? s_default.Epochs,
        Batch = s_batch.ReadWholeNumber(values) ?? s_default.Batch,
        Proximal = s_proximal.ReadNumber(values) ?? s_default.Proximal,
        InitScale = s_initScale.ReadNumber(values) ?? s_default.InitScale,
    };

    /// <summary>Refuses values outside their ranges.</summary>
    /// <exception cref="ArgumentException">Names the option, its value and its range.</exception>
    public static void Validate(NeuralOptions options)
    {
        s_dims.ThrowUnlessAllowed(options.Dims);
        s_width.ThrowUnlessAllowed(options.Width);
        s_layers.ThrowUnlessAllowed(options.Layers);
        s_dropout.ThrowUnlessAllowed(options.Dropout);
        s_historyDropout.ThrowUnlessAllowed(options.HistoryDropout);
        s_recency.ThrowUnlessAllowed(options.Recency);
        s_negatives.ThrowUnlessAllowed(options.Negatives);
        s_l2User.ThrowUnlessAllowed(options.L2User);
        s_l2Item.ThrowUnlessAllowed(options.L2Item);
        s_l2Tower.ThrowUnlessAllowed(options.L2Tower);
        s_learningRate.ThrowUnlessAllowed(options.StepSize);
        s_epochs.ThrowUnlessAllowed(options.Epochs);
        s_batch.ThrowUnlessAllowed(options.Batch);
        s_proximal.ThrowUnlessAllowed(options.Proximal);
        s_initScale.ThrowUnlessAllowed(options.InitScale);
    }

    private static bool HasTower(IReadOnlyDictionary<string, string> values) => (NeuralModel?)s_model.ReadChoice(values) is not NeuralModel.Gmf;

    private static NeuralLearner Create(IReadOnlyDictionary<string, string> values, FederationShape shape) => shape.HasNegatives
        ? new NeuralLearner(Parse(values), shape.Items)
        : throw new ArgumentException("ncf learns to tell a user's items from others, but here every user has met every item (or none). Give it data with more items, or fewer interactions.");

    /// <remarks>Adam, because an item's row is touched by few clients: plain averaging moves it too slowly (Reddi et al. 2021, §5).</remarks>
    private static LearnerDefaults Recommend(NeuralOptions options) =>
        new(new ServerOptimizerOptions { Name = "adam", LearningRate = 0.03 }, "examples", 80);
}
