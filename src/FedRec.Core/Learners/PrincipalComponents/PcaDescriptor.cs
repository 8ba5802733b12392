using FedRec.Core.Federation.ServerOptimizers;

namespace FedRec.Core.Learners.PrincipalComponents;

/// <summary>Settings of the learner <c>pca</c>.</summary>
public sealed record PcaOptions
{
    /// <summary>The most items whose pairs are counted, 10 to 4,000: those most often met. Fewer where noise hides the pairs of the others. Default: 1,000.</summary>
    public int CommonItems { get; init; } = 1_000;

    /// <summary>τ: an own item with k newer ones weighs exp(−k/τ) in a score; 0 weighs all alike. Nothing of it is learned, nor told. Default: 20.</summary>
    public double Recency { get; init; } = 20;
}

/// <summary>Offers <c>pca</c> to users: its options as text, and how its rounds go.</summary>
internal static class PcaDescriptor
{
    private static readonly LearnerOption s_commonItems = LearnerOption.WholeNumber("common-items", PrincipalComponents.CommonItems.Least, 4_000, "1000",
        "Most items whose pairs are counted, the most often met ones; fewer where noise hides the pairs of the others.");

    private static readonly LearnerOption s_recency = LearnerOption.Number("recency", 0, 1e6, "20",
        "An own item with k newer ones weighs exp(-k/recency) in a score, where the data has times; 0 weighs all alike.");

    /// <summary>The registration.</summary>
    public static LearnerDescriptor Instance { get; } = new(
        "pca",
        "item-item weights from the leading directions of users' items, in two rounds; made for --epsilon",
        [s_commonItems, s_recency],
        (values, shape) => new Pca(Parse(values), shape),
        Recommend)
    {
        NeedsTorch = true,
    };

    private static LearnerDefaults Recommend(IReadOnlyDictionary<string, string> values)
    {
        _ = Parse(values); // what is out of range is refused before there is data
        return new(new ServerOptimizerOptions { Name = "sgd", LearningRate = 1 }, "uniform", 2, StepRule.Sum) { TakesChanges = false, ClipNorm = 1 };
    }

    private static PcaOptions Parse(IReadOnlyDictionary<string, string> values) => new()
    {
        CommonItems = s_commonItems.ReadWholeNumber(values) ?? new PcaOptions().CommonItems,
        Recency = s_recency.ReadNumber(values) ?? new PcaOptions().Recency,
    };
}
