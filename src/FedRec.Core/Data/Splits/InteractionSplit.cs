using FedRec.Core.Randomness;

namespace FedRec.Core.Data.Splits;

/// <summary>What an interaction is used for.</summary>
internal enum InteractionSplit : byte
{
    Train,
    Validation,
    Test,

    /// <summary>Not used: a later row tells of the same user and item.</summary>
    Merged,

    /// <summary>Not used: its kind counts nothing.</summary>
    LeftOut,

    /// <summary>Test that is no part of a mean: of a user without training rows, or of an item without any.</summary>
    ColdTest,

    /// <summary>Not used but known before the test: it lies where validation is taken from.</summary>
    BeforeTest,

    /// <summary>Not used: it comes after the cut, and after what is held out of its user.</summary>
    Later,

    /// <summary>Not used: it comes after a cut, but its user had met the item before.</summary>
    MetBefore,
}

/// <summary>Holds each user's last training interaction out.</summary>
internal static class LeaveLastOutSplit
{
    /// <summary>Moves one row of each user from training to another split, and always leaves one for training.</summary>
    /// <param name="log">The interactions.</param>
    /// <param name="rows">The rows by user.</param>
    /// <param name="splits">The split of each row; changed.</param>
    /// <param name="target">Where the held-out rows go.</param>
    /// <param name="minimum">Interactions, of all splits, that a user must have; users with fewer keep all.</param>
    /// <param name="context">Items that are never held out, ascending.</param>
    /// <param name="isLater">Whether a row comes after another one of the same user: the last one is held out.</param>
    public static void HoldOut(
        InteractionLog log, UserRows rows, Span<InteractionSplit> splits, InteractionSplit target, int minimum, IReadOnlyList<int> context, Func<int, int, bool> isLater)
    {
        var never = context.ToHashSet();
        for (var user = 0; user < rows.UserCount; user++)
        {
            var (last, training, all) = (-1, 0, 0);
            foreach (var row in rows[user])
            {
                all += splits[row] == InteractionSplit.Merged ? 0 : 1;
                if (splits[row] == InteractionSplit.Train)
                {
                    training++;
                    last = never.Contains(log.ItemColumn[row]) ? last : last < 0 || isLater(row, last) ? row : last;
                }
            }

            if (all >= minimum && training >= 2 && last >= 0)
            {
                splits[last] = target;
            }
        }
    }
}

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
