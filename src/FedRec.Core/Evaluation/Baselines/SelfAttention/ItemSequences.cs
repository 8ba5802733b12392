using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Core.Evaluation.Baselines.SelfAttention;

/// <summary>A piece of one user's sequence: items that are read, each of which is followed by the item it should foretell.</summary>
/// <param name="User">Dense user number.</param>
/// <param name="Start">Place of the first item that is read, from the user's oldest.</param>
/// <param name="Length">Items that are read, at least 1.</param>
internal readonly record struct SequenceWindow(int User, int Start, int Length);

/// <summary>Each user's items from the oldest to the newest.</summary>
/// <remarks>The order of items of one time says nothing. In training it is drawn anew for each pass, so that none is learnt; elsewhere it is that of their numbers.</remarks>
internal sealed class ItemSequences
{
    private readonly int[][] _items;
    private readonly float[][] _ages;

    /// <summary>Orders the items of all users.</summary>
    /// <param name="rows">Items with times.</param>
    public ItemSequences(UserItems rows)
    {
        var users = Enumerable.Range(0, rows.UserCount);
        _ages = [.. users.Select(user => rows.Ages(user).ToArray())];
        _items = [.. users.Select(user => Ordered(rows.History(user)))];
        Array.ForEach(_ages, ages => Array.Sort(ages, (a, b) => b.CompareTo(a)));
    }

    private ItemSequences(int[][] items, float[][] ages) => (_items, _ages) = (items, ages);

    /// <summary>Number of users, with or without items.</summary>
    public int UserCount => _items.Length;

    /// <summary>Items that follow another one: the examples of one pass.</summary>
    public long Examples => _items.Sum(items => Math.Max(0L, items.Length - 1));

    /// <summary>One user's items, the newest last.</summary>
    public ReadOnlySpan<int> Of(int user) => _items[user];

    /// <summary>One user's newest items, the newest last.</summary>
    public ReadOnlyMemory<int> Newest(int user, int most) => _items[user].AsMemory()[Math.Max(0, _items[user].Length - most)..];

    /// <summary>The items that are read in a window.</summary>
    public ReadOnlyMemory<int> Segment(SequenceWindow window) => _items[window.User].AsMemory(window.Start, window.Length);

    /// <summary>The same without each user's newest item, where there are two others; and that item, or none.</summary>
    public (ItemSequences Earlier, int[][] Newest) WithoutNewest() => (
        new ItemSequences([.. _items.Select(items => items.Length < 3 ? items : items[..^1])], [.. _ages.Select(ages => ages.Length < 3 ? ages : ages[..^1])]),
        [.. _items.Select(items => items.Length < 3 ? Array.Empty<int>() : [items[^1]])]);

    /// <summary>The same with the items of one time in drawn order.</summary>
    public ItemSequences Shuffled(ref SeededRandom random)
    {
        var shuffled = new int[_items.Length][];
        for (var user = 0; user < shuffled.Length; user++)
        {
            var (items, ages) = (_items[user].AsSpan().ToArray(), _ages[user]);
            for (var start = 0; start < items.Length;)
            {
                var end = start + 1;
                while (end < items.Length && ages[end] == ages[start])
                {
                    end++;
                }

                random.Shuffle(items.AsSpan(start..end));
                start = end;
            }

            shuffled[user] = items;
        }

        return new ItemSequences(shuffled, _ages);
    }

    /// <summary>Cuts all sequences into windows, so that every item but a user's first is foretold once.</summary>
    /// <param name="length">Most items of a window.</param>
    /// <param name="random">Draws where long sequences are cut, so that each item is met at other places in each pass; and the order.</param>
    public SequenceWindow[] Cut(int length, ref SeededRandom random)
    {
        var windows = new List<SequenceWindow>();
        for (var user = 0; user < _items.Length; user++)
        {
            var read = _items[user].Length - 1;
            var first = read <= length ? read : 1 + random.NextInt32(length);
            for (var start = 0; start < read;)
            {
                var window = new SequenceWindow(user, start, start == 0 ? first : Math.Min(length, read - start));
                windows.Add(window);
                start += window.Length;
            }
        }

        var all = windows.ToArray();
        random.Shuffle(all.AsSpan());
        return all;
    }

    /// <summary>A user's items from the oldest to the newest.</summary>
    /// <exception cref="ArgumentException">Their order is not known.</exception>
    public static int[] Ordered(UserHistory history)
    {
        if (history.Ages.Length != history.Items.Length)
        {
            throw new ArgumentException("These items have no times, and so no order.", nameof(history));
        }

        var items = history.Items.ToArray();
        var keys = new (float Older, int Item)[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            keys[i] = (-history.Ages[i], items[i]);
        }

        Array.Sort(keys, items);
        return items;
    }
}
