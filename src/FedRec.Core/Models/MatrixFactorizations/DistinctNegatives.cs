using FedRec.Core.Training;

namespace FedRec.Core.Models.MatrixFactorizations;

/// <summary>Draws items a user does not have in the training data, none twice, each set equally likely.</summary>
/// <remarks>Rejection against a map of the catalogue, which is wiped by what was written and not as a whole. It knows the training
/// items only, so a held-out item is drawn like any other. Not thread-safe.</remarks>
internal sealed class DistinctNegatives(int itemCount)
{
    private readonly bool[] _taken = new bool[itemCount];

    /// <summary>Fills a span with distinct items outside <paramref name="own"/>.</summary>
    /// <param name="own">The user's training items.</param>
    /// <param name="random">The client's stream.</param>
    /// <param name="negatives">Receives the items; at most as many as there are other items.</param>
    /// <exception cref="ArgumentException">More are asked for than there are other items.</exception>
    public void Draw(ReadOnlySpan<int> own, ref SeededRandom random, Span<int> negatives)
    {
        if (negatives.Length > itemCount - own.Length)
        {
            throw new ArgumentException($"There are no {negatives.Length} items beside {own.Length} of {itemCount}.", nameof(negatives));
        }

        Mark(own, true);
        for (var i = 0; i < negatives.Length;)
        {
            var item = random.NextInt32(itemCount);
            if (!_taken[item])
            {
                _taken[item] = true;
                negatives[i++] = item;
            }
        }

        Mark(own, false);
        Mark(negatives, false);
    }

    private void Mark(ReadOnlySpan<int> items, bool taken)
    {
        foreach (var item in items)
        {
            _taken[item] = taken;
        }
    }
}
