using FedRec.Core.Data;
using FedRec.Core.Randomness;

namespace FedRec.Core.Learners.MatrixFactorizations;

/// <summary>Draws the examples of one epoch of one user: the own items, and fresh negatives among the other items.</summary>
/// <remarks>No item comes twice. Not thread-safe.</remarks>
internal sealed class ExampleDraw(MatrixFactorizationOptions options, NegativeSampler sampler)
{
    private readonly bool _paired = options.Objective == MatrixFactorizationObjective.Pairwise;
    private int[] _examples = [];
    private int[] _shuffled = [];

    /// <summary>Draws.</summary>
    /// <param name="data">The client.</param>
    /// <param name="user">Which of its users.</param>
    /// <param name="random">The stream of this client and round; goes on.</param>
    /// <returns>2·item, plus 1 for an own item, in the order of training; valid until the next call. With pairs, each own item
    /// stands before the negatives it is paired with, and one that gets none is left out.</returns>
    public Span<int> Draw(ClientData data, int user, ref SeededRandom random)
    {
        var own = data.Items(user);
        var wanted = Math.Min(options.Negatives * own.Length, data.ItemCount - own.Length);
        if (_examples.Length < own.Length + wanted || _shuffled.Length < own.Length)
        {
            (_examples, _shuffled) = (new int[own.Length + wanted], new int[own.Length]);
        }

        var negatives = _examples.AsSpan(own.Length, wanted);
        negatives = negatives[..sampler.SampleDistinct(data, user, negatives, ref random)];
        return _paired ? Pair(own, negatives, ref random) : Mix(own, negatives, ref random);
    }

    private Span<int> Mix(ReadOnlySpan<int> own, ReadOnlySpan<int> negatives, ref SeededRandom random)
    {
        var examples = _examples.AsSpan(0, own.Length + negatives.Length);
        for (var i = 0; i < examples.Length; i++)
        {
            examples[i] = i < own.Length ? (own[i] << 1) | 1 : examples[i] << 1;
        }

        random.Shuffle(examples);
        return examples;
    }

    /// <summary>Deals the negatives, which come in random order, evenly to the own items in random order.</summary>
    private Span<int> Pair(ReadOnlySpan<int> own, ReadOnlySpan<int> negatives, ref SeededRandom random)
    {
        var shuffled = _shuffled.AsSpan(0, own.Length);
        own.CopyTo(shuffled);
        random.Shuffle(shuffled);
        var (count, dealt) = (0, 0); // written values never overtake the negatives still to be read: each own item adds one
        for (var i = 0; i < own.Length; i++)
        {
            var end = (int)((long)negatives.Length * (i + 1) / own.Length);
            if (end > dealt)
            {
                _examples[count++] = (shuffled[i] << 1) | 1;
            }

            for (; dealt < end; dealt++)
            {
                _examples[count++] = negatives[dealt] << 1;
            }
        }

        return _examples.AsSpan(0, count);
    }
}
