using System.Numerics;
using FedRec.Core.Data;

namespace FedRec.Core.Evaluation.Metrics;

/// <summary>Which tags each item has, one bit each. Immutable.</summary>
public sealed class ItemTags
{
    private readonly ulong[] _bits;
    private readonly int _words;

    private ItemTags(ulong[] bits, int words) => (_bits, _words) = (bits, words);

    /// <summary>The tags of a catalogue; null when no item has any.</summary>
    public static ItemTags? Of(ItemCatalogue catalogue)
    {
        var numbers = catalogue.Tags.SelectMany(tags => tags).Distinct(StringComparer.Ordinal).Select((tag, i) => (tag, i)).ToDictionary(t => t.tag, t => t.i, StringComparer.Ordinal);
        if (numbers.Count == 0)
        {
            return null;
        }

        var words = (numbers.Count + 63) / 64;
        var bits = new ulong[catalogue.Tags.Count * words];
        for (var item = 0; item < catalogue.Tags.Count; item++)
        {
            foreach (var tag in catalogue.Tags[item])
            {
                bits[(item * words) + (numbers[tag] >> 6)] |= 1UL << numbers[tag];
            }
        }

        return new ItemTags(bits, words);
    }

    /// <summary>Jaccard similarity of two items: shared tags over all their tags.</summary>
    /// <param name="first">An item.</param>
    /// <param name="second">Another item.</param>
    /// <param name="similarity">In [0, 1].</param>
    /// <returns>False when one of them has no tags, so that nothing is known.</returns>
    public bool TryCompare(int first, int second, out double similarity)
    {
        var a = _bits.AsSpan(first * _words, _words);
        var b = _bits.AsSpan(second * _words, _words);
        var (shared, own, other) = (0, 0, 0);
        for (var word = 0; word < a.Length; word++)
        {
            shared += BitOperations.PopCount(a[word] & b[word]);
            own += BitOperations.PopCount(a[word]);
            other += BitOperations.PopCount(b[word]);
        }

        similarity = shared == 0 ? 0 : (double)shared / (own + other - shared);
        return own > 0 && other > 0;
    }
}

/// <summary>How often each item occurs in training. Immutable.</summary>
public sealed class ItemPopularity
{
    private readonly int[] _counts;
    private readonly double[] _information;
    private readonly int _users;

    private ItemPopularity(int[] counts, int users)
    {
        (_counts, _users) = (counts, users);
        _information = [.. counts.Select(count => -Math.Log2((count + 1.0) / (users + 1.0)))];
    }

    /// <summary>Counts the training interactions.</summary>
    public static ItemPopularity Of(UserItems train, int items) => new(Transposed.CountItems(train, items), train.UserCount);

    /// <summary>Users that have met the item in training.</summary>
    public int Count(int item) => _counts[item];

    /// <summary>The share of all users that have met the item in training, in [0, 1].</summary>
    public double Share(int item) => (double)_counts[item] / _users;

    /// <summary>Self-information in bits: −log₂ of the share, where one further user who has met everything keeps it finite.
    /// 0 for an item that everybody knows.</summary>
    public double Information(int item) => _information[item];
}
