using System.Collections.Immutable;
using FedRec.Core.Data.Features;
using FedRec.Core.Learners.Features;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Updates;

namespace FedRec.Core.Learners.TwoTowers;

/// <summary>Names and sizes of the parameters: item rows, what the preparation finds, then the towers; and of what clients send.</summary>
internal sealed class TwoTowerShape
{
    /// <summary>Position of the items' table: the embedding, and the bias as the last column.</summary>
    public const int Items = 0;

    /// <summary>Position of the flags that are 1 for items with interactions.</summary>
    public const int Known = 1;

    /// <summary>Position of the flag that is 1 in versions of after the round of statistics.</summary>
    public const int Prepared = 2;

    /// <summary>Position of the means of the users' features, where they have some; deviations follow.</summary>
    public const int Means = 3;

    /// <summary>Weights and biases of a tower.</summary>
    public const int TowerBlocks = 6;

    /// <summary>What a tower gives counts a tenth.</summary>
    /// <remarks>An adaptive server step moves every weight alike, and a tower adds up thousands of them where an embedding has a few: in full, towers
    /// drown the embeddings in noise (validation items of MovieLens 100K, NDCG@10 .076 with a tenth, .056 in full, one seed).</remarks>
    public const float TowerShare = 0.1f;

    private readonly ImmutableArray<FeatureColumn> _itemColumns;

    public TwoTowerShape(TwoTowerOptions options, FederationShape federation)
    {
        (ItemCount, Dims) = (federation.Items, options.Dims);
        UserColumns = federation.UserFeatures is { } schema ? [.. schema.Columns] : [];
        ItemFeatures = PublicFeatures.Encode(federation.ItemFeatures);
        _itemColumns = federation.ItemFeatures is { } table ? [.. table.Schema.Columns] : [];
        ItemInputs = Dims + (ItemFeatures.Length / ItemCount);
        UserInputs = UserColumns.Sum(column => column.Width) + ItemInputs;
        List<ParameterBlock> blocks = [new("item_embeddings", ItemCount, Dims + 1), new("known", ItemCount, 1), new("prepared", 1, 1)];
        if (!UserColumns.IsEmpty)
        {
            blocks.AddRange([new("user_means", 1, UserColumns.Length), new("user_deviations", 1, UserColumns.Length)]);
        }

        FirstTower = blocks.Count;
        blocks.AddRange([.. Tower("user", UserInputs, options), .. Tower("item", ItemInputs, options)]);
        Layout = new ParameterLayout([.. blocks]);
        DenseOffset = Layout.Offset(FirstTower);
        List<UpdateBlock> statistics = [new("met", ItemCount, 1, BlockRole.Count, Sensitivity: 1)];
        if (!UserColumns.IsEmpty)
        {
            statistics.Add(new("statistics", 1, ColumnStatistics.Length(UserColumns.Length), BlockRole.Statistic));
        }

        Statistics = new RoundRecipe(new UpdateLayout([.. statistics]), Participation.Everybody, WeightRule.One, StepRule.Sum);
        Training = new RoundRecipe(new UpdateLayout([.. blocks.Select(block => new UpdateBlock(block.Name, block.Rows, block.Columns, BlockRole.Delta))]));
    }

    public int ItemCount { get; }

    public int Dims { get; }

    public ImmutableArray<FeatureColumn> UserColumns { get; }

    /// <summary>Encoded features, item after item; empty when there are none.</summary>
    public float[] ItemFeatures { get; }

    /// <summary>Values that the item tower sees: the embedding and the features.</summary>
    public int ItemInputs { get; }

    /// <summary>Values that the user tower sees: own features, and the mean of what the item tower sees of the own items.</summary>
    public int UserInputs { get; }

    public ParameterLayout Layout { get; }

    /// <summary>The first round: which items are met, and sums of the users' features, of everybody.</summary>
    public RoundRecipe Statistics { get; }

    /// <summary>Every round after it.</summary>
    public RoundRecipe Training { get; }

    /// <summary>Position of the first block of the user tower; the item tower follows.</summary>
    public int FirstTower { get; }

    /// <summary>Where the towers begin.</summary>
    public int DenseOffset { get; }

    public int DenseLength => Layout.Length - DenseOffset;

    /// <summary>Where the sums of the users' features follow the items that are met.</summary>
    public int StatisticsOffset => ItemCount;

    /// <summary>What the blocks stand for: the first layers see features, whose columns go by name.</summary>
    public IReadOnlyList<BlockMeaning> Meanings => [.. Layout.Blocks.Select(block => block.Name switch
    {
        "item_embeddings" or "known" => BlockMeaning.Items,
        "prepared" => BlockMeaning.Anew, // the new federation's own features and items are still to be counted
        "user_means" or "user_deviations" => BlockMeaning.Anew,
        "item1_weights" => BlockMeaning.ByColumn(ItemInputNames()),
        "user1_weights" => BlockMeaning.ByColumn([.. Names(UserColumns, "user"), .. ItemInputNames()]),
        _ => BlockMeaning.Same,
    })];

    /// <summary>Whether a version is of after the round of statistics.</summary>
    public bool IsPrepared(ReadOnlySpan<float> version) => version[Layout.Offset(Prepared)] > 0.5f;

    /// <summary>Encodes a user's features.</summary>
    public void EncodeUser(ReadOnlySpan<float> parameters, ReadOnlySpan<float> row, Span<float> input) =>
        FeatureEncoding.Encode(UserColumns, parameters[Layout.Offset(Means)..], parameters[Layout.Offset(Means + 1)..], row, input);

    private string?[] ItemInputNames() => [.. Enumerable.Repeat<string?>(null, Dims), .. Names(_itemColumns, "item")];

    // One name for each encoded value: words of a categorical feature may stand in another order elsewhere.
    private static IEnumerable<string> Names(IEnumerable<FeatureColumn> columns, string of) => columns.SelectMany(column => column.IsCategorical
        ? [.. column.Vocabulary.Select(word => $"{of}/{column.Name}/={word}"), $"{of}/{column.Name}/unknown"]
        : new[] { $"{of}/{column.Name}" });

    private static IEnumerable<ParameterBlock> Tower(string name, int inputs, TwoTowerOptions options)
    {
        int[] widths = [inputs, options.HiddenUnits, options.HiddenUnits, options.Dims];
        for (var layer = 1; layer < widths.Length; layer++)
        {
            yield return new($"{name}{layer}_weights", widths[layer], widths[layer - 1]);
            yield return new($"{name}{layer}_bias", 1, widths[layer]);
        }
    }
}
