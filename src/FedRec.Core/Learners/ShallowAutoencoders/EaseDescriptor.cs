using System.Globalization;
using FedRec.Core.Federation.ServerOptimizers;

namespace FedRec.Core.Learners.ShallowAutoencoders;

/// <summary>Offers <c>ease</c> to users: its options as text, and how its rounds go.</summary>
internal static class EaseDescriptor
{
    /// <summary>Most items whose counts are kept in full: n² weights of 4 bytes, and a matrix and a third of 8 bytes while they are solved for.</summary>
    public const int MaxExactItems = 20_000;

    private const int SuggestedSketch = 1024;
    private const string Voted = "vote";

    private static readonly LearnerOption s_lambda = LearnerOption.Number("lambda", 0, 1e9, Voted,
        "L2 of the item weights, in counts; vote (or 0) has users choose it, and what else of kernel, recency and item-dropout is not given, on items they hold out; with a number, those are 0.").Or(Voted);

    private static readonly LearnerOption s_kernel = LearnerOption.Number("kernel", 0, 1e6, Voted,
        "Two own items with k others between them count exp(-k/kernel) as a pair; 0 counts all alike.").Or(Voted).Later("0");

    private static readonly LearnerOption s_kernelUnit = LearnerOption.Choice("kernel-unit", ["items", "days"], "items",
        "What k of the kernel counts: own items between the two, or days.").Only(HasKernel, "a kernel above 0, or one that users choose");

    private static readonly LearnerOption s_recency = LearnerOption.Number("recency", 0, 1e6, Voted,
        "An own item with k newer ones weighs exp(-k/recency) in a score; 0 weighs all alike.").Or(Voted).Later("0");

    private static readonly LearnerOption s_itemDropout = LearnerOption.Number("item-dropout", 0, 0.99, Voted,
        "Share of a user's items taken as unknown when solving for the weights; high where users have few items.").Or(Voted);

    private static readonly LearnerOption s_sketch = LearnerOption.WholeNumber("sketch", 0, 8_192, "0",
        "Columns of a sketch of the item-item counts, for catalogues that are too large for all counts; 0 is exact.");

    /// <summary>The registration.</summary>
    public static LearnerDescriptor Instance { get; } = new(
        "ease",
        "item-item weights in closed form from exact counts; what is vote, users choose on items they hold out",
        [s_lambda, s_kernel, s_kernelUnit, s_recency, s_itemDropout, s_sketch],
        Create,
        values => new(new ServerOptimizerOptions { Name = "sgd", LearningRate = 1 }, "uniform", new EaseVote(Parse(values), hasOrder: true).Rounds, StepRule.Sum))
    {
        NeedsTorch = true,
        Derived = values => Parse(values) is { Lambda: not null } given
            ? new Dictionary<string, double> { [s_kernel.Name] = given.Kernel ?? 0, [s_recency.Name] = given.Recency ?? 0, [s_itemDropout.Name] = given.ItemDropout ?? 0 }
            : new Dictionary<string, double>(),
    };

    /// <summary>Reads options from their text.</summary>
    /// <exception cref="ArgumentException">A value is not allowed.</exception>
    public static EaseOptions Parse(IReadOnlyDictionary<string, string> values) => new()
    {
        Lambda = s_lambda.ReadNumber(values) is > 0 and var lambda ? lambda : null,
        Kernel = s_kernel.ReadNumber(values),
        KernelUnit = (KernelUnit)(s_kernelUnit.ReadChoice(values) ?? 0),
        Recency = s_recency.ReadNumber(values),
        ItemDropout = s_itemDropout.ReadNumber(values),
        Sketch = s_sketch.ReadWholeNumber(values) ?? 0,
    };

    private static bool HasKernel(IReadOnlyDictionary<string, string> values) => Parse(values) is { Sketch: 0 } options && (options.Kernel ?? (options.Lambda is null ? 1 : 0)) > 0;

    private static Ease Create(IReadOnlyDictionary<string, string> values, FederationShape shape)
    {
        var options = Parse(values);
        return options.Lambda is not null && new[] { s_kernel, s_recency, s_itemDropout }.FirstOrDefault(option => values.GetValueOrDefault(option.Name) == Voted) is { } idle
            ? throw new ArgumentException($"{idle.Name} is vote, but lambda is given, and so nobody votes; leave lambda out, or give {idle.Name} a number.")
            : Create(options, shape);
    }

    private static Ease Create(EaseOptions options, FederationShape shape) => (options.Kernel > 0 || options.Recency > 0 || options.KernelUnit != KernelUnit.Items) && !shape.HasTimes
        ? throw new ArgumentException("kernel, kernel-unit and recency go by the order of a user's items, and the data has no times; leave them out.")
        : options.Sketch > 0 || shape.Items <= MaxExactItems
        ? new Ease(options, shape)
        : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"ease keeps a weight for each pair of items, which for {shape.Items} items takes {4e-9 * shape.Items * shape.Items:F0} GB; give --sketch {SuggestedSketch} (more is closer to exact), or use mf."));
}
