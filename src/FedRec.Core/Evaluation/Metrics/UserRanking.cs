using System.Numerics;
using System.Runtime.InteropServices;
using FedRec.Core.Data;

namespace FedRec.Core.Evaluation.Metrics;

/// <summary>How a scorer ranked the catalogue for one user: all that metrics need. Spans are valid until the next user.</summary>
internal readonly ref struct UserRanking
{
    /// <summary>What the scorer knew of the user.</summary>
    public UserHistory History { get; init; }

    /// <summary>The times of the history; empty when the data has none.</summary>
    public ReadOnlySpan<long> Times { get; init; }

    /// <summary>The items to find, at least one, with the ratings the user gave them where there are any.</summary>
    public UserHistory HeldOut { get; init; }

    /// <summary>The scores of the catalogue; not a number for what is no candidate.</summary>
    public ReadOnlySpan<float> Scores { get; init; }

    /// <summary>Candidates: items of the catalogue that the user may be shown.</summary>
    public int Candidates { get; init; }

    /// <summary>The blocks of the held-out items, best first, each once.</summary>
    public ReadOnlySpan<TieBlock> Blocks { get; init; }

    /// <summary>The block that each held-out item is in.</summary>
    public ReadOnlySpan<TieBlock> ItemBlocks { get; init; }

    /// <summary>The first items of the ranking, up to the largest K.</summary>
    public ReadOnlySpan<int> Top { get; init; }

    /// <summary>The block of each held-out item among sampled items; empty when that is not asked for.</summary>
    public ReadOnlySpan<TieBlock> Sampled { get; init; }

    /// <summary>Predicted ratings of the held-out items; empty when the scorer predicts none or there are no ratings.</summary>
    public ReadOnlySpan<float> Predictions { get; init; }
}

/// <summary>Candidates with one and the same score, at least one of them held out; they take the ranks Above + 1 … Above + Size.</summary>
/// <param name="Above">Candidates with a better score.</param>
/// <param name="Size">Candidates in the block, at least <paramref name="Relevant"/>.</param>
/// <param name="Relevant">Held-out items in the block, at least 1.</param>
public readonly record struct TieBlock(int Above, int Size, int Relevant);

/// <summary>Finds where held-out items rank among the candidates, by counting: nothing is sorted but the held-out items.</summary>
internal sealed class RankPositions
{
    private const int OutOfReach = int.MaxValue / 2; // beyond every cutoff, with room for sums

    private TieBlock[] _blocks = new TieBlock[16];
    private TieBlock[] _itemBlocks = new TieBlock[16];
    private float[] _relevantScores = new float[16];

    /// <summary>Works the blocks out.</summary>
    /// <param name="scores">One per item; NaN where the item is no candidate.</param>
    /// <param name="candidates">Number of candidates.</param>
    /// <param name="relevant">Held-out items, at least one. One that may not be recommended is out of reach of every cutoff.</param>
    /// <returns>The blocks, best first; valid until the next call.</returns>
    public ReadOnlySpan<TieBlock> Find(ReadOnlySpan<float> scores, int candidates, ReadOnlySpan<int> relevant)
    {
        if (_blocks.Length < relevant.Length)
        {
            _blocks = new TieBlock[relevant.Length];
            _itemBlocks = new TieBlock[relevant.Length];
            _relevantScores = new float[relevant.Length];
        }

        var own = _relevantScores.AsSpan(0, relevant.Length);
        for (var i = 0; i < relevant.Length; i++)
        {
            own[i] = scores[relevant[i]];
        }

        own.Sort((a, b) => b.CompareTo(a)); // NaN comes last
        var count = 0;
        for (var i = 0; i < own.Length;)
        {
            var same = 1;
            while (i + same < own.Length && own[i + same].Equals(own[i]))
            {
                same++;
            }

            var (above, ties) = Count(scores, own[i], candidates);
            _blocks[count++] = ties < same ? new TieBlock(OutOfReach, same, same) : new TieBlock(above, ties, same);
            i += same;
        }

        return _blocks.AsSpan(0, count);
    }

    /// <summary>The block of each held-out item; after <see cref="Find"/> of the same scores and items, and valid as long as its blocks.</summary>
    public ReadOnlySpan<TieBlock> ItemBlocks(ReadOnlySpan<float> scores, ReadOnlySpan<int> relevant)
    {
        for (var i = 0; i < relevant.Length; i++)
        {
            var (block, first) = (0, 0);
            while (!_relevantScores[first].Equals(scores[relevant[i]]))
            {
                first += _blocks[block++].Relevant; // the scores are sorted, and a block's stand together
            }

            _itemBlocks[i] = _blocks[block];
        }

        return _itemBlocks.AsSpan(0, relevant.Length);
    }

    /// <summary>Counts better and equal scores. A candidate without a score (NaN, from a broken model) ranks below all others.</summary>
    private static (int Above, int Ties) Count(ReadOnlySpan<float> scores, float score, int candidates)
    {
        if (float.IsNaN(score))
        {
            var (numbers, lowest) = CountScored(scores, float.NegativeInfinity);
            return (numbers + lowest, candidates - numbers - lowest);
        }

        return CountScored(scores, score);
    }

    private static (int Above, int Ties) CountScored(ReadOnlySpan<float> scores, float score)
    {
        var target = new Vector<float>(score);
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(scores);
        var (above, ties) = (Vector<int>.Zero, Vector<int>.Zero);
        foreach (ref readonly var vector in vectors)
        {
            above -= Vector.GreaterThan(vector, target); // true is −1
            ties -= Vector.Equals(vector, target);
        }

        var (sumAbove, sumTies) = (Vector.Sum(above), Vector.Sum(ties));
        foreach (var value in scores[(vectors.Length * Vector<float>.Count)..])
        {
            sumAbove += value > score ? 1 : 0;
            sumTies += value == score ? 1 : 0;
        }

        return (sumAbove, sumTies);
    }
}
