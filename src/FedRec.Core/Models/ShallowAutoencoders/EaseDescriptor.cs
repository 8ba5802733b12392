using System.Globalization;
using System.Numerics;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation.ServerOptimizers;

namespace FedRec.Core.Models.ShallowAutoencoders;

/// <summary>Offers <c>ease</c> to users: its options as text, and how its rounds go.</summary>
internal static class EaseDescriptor
{
    /// <summary>Most items whose counts are kept in full: n² weights of 4 bytes, and three times n² of 8 bytes while they are solved.</summary>
    public const int MaxExactItems = 20_000;

    private const int SuggestedSketch = 1024;
    private static readonly EaseOptions s_default = new();

    private static readonly LearnerOption s_lambda = LearnerOption.Number("lambda", 0, 1e9, "500",
        "L2 of the item weights, in counts; 0 has a tenth of the users choose it on items they hold out, which takes three rounds.");

    private static readonly LearnerOption s_sketch = LearnerOption.WholeNumber("sketch", 0, 8_192, "0",
        "Columns of a sketch of the item-item counts, for catalogues that are too large for all counts; 0 is exact.");

    private static readonly LearnerOption s_itemDropout = LearnerOption.Number("item-dropout", 0, 0.99, "0",
        "Share of a user's items taken as unknown when solving for the weights; high where users have few items.");

    /// <summary>The registration.</summary>
    public static LearnerDescriptor Instance { get; } = new(
        "ease",
        "item-item weights in closed form from counts that are summed once",
        [s_lambda, s_itemDropout, s_sketch],
        (values, shape) => Create(Parse(values), shape),
        values => new(new ServerOptimizerOptions { Name = "sgd", LearningRate = 1 }, "uniform", Parse(values).Lambda == 0 ? Ease.RoundsToChoose : 1, OneShot: true));

    /// <summary>Reads options from their text.</summary>
    /// <exception cref="ArgumentException">A value is not allowed.</exception>
    public static EaseOptions Parse(IReadOnlyDictionary<string, string> values) => new()
    {
        Lambda = s_lambda.ReadNumber(values) ?? s_default.Lambda,
        ItemDropout = s_itemDropout.ReadNumber(values) ?? s_default.ItemDropout,
        Sketch = s_sketch.ReadWholeNumber(values) ?? s_default.Sketch,
    };

    private static Ease Create(EaseOptions options, FederationShape shape) => options.Sketch > 0 || shape.Items <= MaxExactItems
        ? new Ease(options, shape.Items) { LargestContribution = Largest(options, shape) }
        : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
            $"ease keeps a weight for each pair of items, which for {shape.Items} items takes {4e-9 * shape.Items * shape.Items:F0} GB; give --sketch {SuggestedSketch} (more is closer to exact), or use mf."));

    // Each user adds 1 to a pair, and to a cell of a sketch up to the number of the own items, before and after a change. Only the power of two
    // above it counts, so the size of the federation is not revealed by the scale.
    private static double Largest(EaseOptions options, FederationShape shape)
    {
        var most = Math.Max(SumScale.LeastLimit, options.Sketch > 0 ? 2 * shape.Interactions : shape.Users);
        return Math.Min(SumScale.MostLimit, BitOperations.RoundUpToPowerOf2((ulong)most));
    }
}
