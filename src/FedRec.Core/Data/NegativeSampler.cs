using FedRec.Core.Randomness;

namespace FedRec.Core.Data;

/// <summary>Items that a sampler must not draw beyond the user's training items; for tests that prove a leak is found.</summary>
/// <param name="user">Dense user number.</param>
internal delegate ReadOnlySpan<int> AlsoExcluded(int user);

/// <summary>Draws items that a user has no training interaction with, none twice, each set equally likely.</summary>
/// <remarks>It sees the training split only, so a held-out item is drawn as often as any other unseen item; to leave
/// held-out items out would push every item down but those, and leak them into the ranking.
/// Allocates nothing per user. Not thread-safe: one per training thread.</remarks>
public sealed class NegativeSampler
{
    private readonly int _itemCount;
    private readonly byte[] _seen; // 1 for seen: bytes are faster than bits here, and the map of a catalogue fits the cache
    private readonly int[] _unseen;
    private readonly AlsoExcluded? _alsoExcluded;

    /// <summary>Makes the scratch memory for a catalogue.</summary>
    /// <param name="itemCount">Items of the catalogue, at least 1.</param>
    public NegativeSampler(int itemCount)
        : this(itemCount, null)
    {
    }

    internal NegativeSampler(int itemCount, AlsoExcluded? alsoExcluded)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(itemCount, 1);
        _itemCount = itemCount;
        _alsoExcluded = alsoExcluded;
        _seen = new byte[itemCount];
        _unseen = new int[itemCount];
    }

    /// <summary>Fills <paramref name="negatives"/> with unseen items.</summary>
    /// <param name="data">The client.</param>
    /// <param name="user">Which of its users, from 0.</param>
    /// <param name="negatives">Receives dense item numbers.</param>
    /// <param name="random">The stream of this client and round; goes on.</param>
    /// <returns>The number of items written: fewer than asked for when there are not as many unseen items.</returns>
    public int SampleDistinct(ClientData data, int user, Span<int> negatives, ref SeededRandom random)
    {
        var items = data.Items(user);
        var extra = _alsoExcluded is null ? [] : _alsoExcluded(data.UserNumber(user));
        Mark(items);
        Mark(extra);
        var drawn = items.Length + extra.Length + negatives.Length <= _itemCount / 2
            ? Reject(negatives, ref random)
            : Choose(negatives, ref random);
        Clear(items);
        Clear(extra);
        Clear(negatives[..drawn]);
        return drawn;
    }

    /// <summary>Few items are seen and asked for: draw from all, and again on a hit. Without branches, for a hit is hard to predict.</summary>
    private int Reject(Span<int> negatives, ref SeededRandom random)
    {
        var (seen, stream) = (_seen, random); // a local stream stays in registers
        for (var n = 0; n < negatives.Length;)
        {
            var item = stream.NextInt32(_itemCount);
            negatives[n] = item;
            n += 1 - seen[item];
            seen[item] = 1;
        }

        random = stream;
        return negatives.Length;
    }

    /// <summary>Many items are seen or asked for: the head of a shuffle of the unseen ones.</summary>
    private int Choose(Span<int> negatives, ref SeededRandom random)
    {
        var count = ListUnseen();
        var drawn = Math.Min(count, negatives.Length);
        for (var n = 0; n < drawn; n++)
        {
            var other = n + random.NextInt32(count - n);
            negatives[n] = _unseen[other];
            _unseen[other] = _unseen[n];
        }

        return drawn;
    }

    private int ListUnseen()
    {
        var count = 0;
        for (var item = 0; item < _itemCount; item++)
        {
            _unseen[count] = item;
            count += 1 - _seen[item];
        }

        return count;
    }

    private void Mark(ReadOnlySpan<int> items)
    {
        foreach (var item in items)
        {
            _seen[item] = 1;
        }
    }

    private void Clear(ReadOnlySpan<int> items)
    {
        foreach (var item in items)
        {
            _seen[item] = 0;
        }
    }
}
