using FedRec.Core.Training;

namespace FedRec.Core.Data;

/// <summary>Draws which interactions are held out, whoever's they are: the usual split of rating prediction.</summary>
/// <remarks>It looks into the future: a user's later interactions may train what predicts an earlier one. So it is for comparing
/// rating errors with published figures, not for judging a recommender in use.</remarks>
internal static class RandomSplit
{
    /// <summary>Gives every row that is not merged a split: 80 % training, 10 % validation, 10 % test, each rounded down for the held-out parts.</summary>
    /// <param name="items">The item of each row.</param>
    /// <param name="splits">The split of each row; changed.</param>
    /// <param name="seed">Equal seeds draw equally.</param>
    /// <param name="context">Items that are never held out.</param>
    public static void Draw(ReadOnlySpan<int> items, Span<InteractionSplit> splits, ulong seed, IReadOnlyList<int> context)
    {
        var (rows, never) = (new List<int>(splits.Length), context.ToHashSet());
        for (var row = 0; row < splits.Length; row++)
        {
            if (never.Contains(items[row]))
            {
                splits[row] = splits[row] == InteractionSplit.Merged ? InteractionSplit.Merged : InteractionSplit.Train;
            }
            else if (splits[row] != InteractionSplit.Merged)
            {
                rows.Add(row);
            }
        }

        var drawn = rows.ToArray();
        var random = SeedSequence.For(seed, "random-split");
        random.Shuffle<int>(drawn);
        var tenth = drawn.Length / 10;
        for (var i = 0; i < drawn.Length; i++)
        {
            splits[drawn[i]] = i < tenth ? InteractionSplit.Test : i < 2 * tenth ? InteractionSplit.Validation : InteractionSplit.Train;
        }
    }
}
