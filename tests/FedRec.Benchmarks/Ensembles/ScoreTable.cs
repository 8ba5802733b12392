using System.Numerics.Tensors;
using FedRec.Core.Data;

namespace FedRec.Benchmarks.Ensembles;

/// <summary>How scores of different learners are brought to one scale.</summary>
internal enum Fusion
{
    /// <summary>Zero mean and unit variance over a user's candidates.</summary>
    ZScore,

    /// <summary>1 / (60 + rank) (Cormack, Clarke and Büttcher 2009); only the order counts.</summary>
    ReciprocalRank,
}

/// <summary>The scores of one learner for all users and items. In a federation each client holds only its own row.</summary>
internal sealed class ScoreTable(int users, int items)
{
    private const float RankOffset = 60; // the k of the paper
    private readonly float[] _scores = new float[checked(users * items)];

    /// <summary>The scores of one user.</summary>
    public Span<float> Of(int user) => _scores.AsSpan(user * items, items);

    /// <summary>The sum of two tables: a learner that was trained with several seeds votes as one.</summary>
    public ScoreTable Plus(ScoreTable other)
    {
        var sum = new ScoreTable(users, items);
        TensorPrimitives.Add(_scores, other._scores, sum._scores);
        return sum;
    }

    /// <summary>A table on the common scale; what a user has met is no candidate, and its values mean nothing.</summary>
    public ScoreTable Scaled(Fusion fusion, UserItems train)
    {
        var scaled = new ScoreTable(users, items);
        Parallel.For(0, users, new ParallelOptions { MaxDegreeOfParallelism = 2 }, user =>
        {
            int[] candidates = [.. Enumerable.Range(0, items).Except(train.Items(user).ToArray())];
            if (fusion == Fusion.ZScore)
            {
                Standardise(candidates, Of(user), scaled.Of(user));
            }
            else
            {
                Rank(candidates, Of(user), scaled.Of(user));
            }
        });
        return scaled;
    }

    private static void Standardise(int[] candidates, ReadOnlySpan<float> scores, Span<float> scaled)
    {
        var (sum, squares) = (0.0, 0.0);
        foreach (var item in candidates)
        {
            sum += scores[item];
            squares += (double)scores[item] * scores[item];
        }

        var mean = sum / Math.Max(1, candidates.Length);
        var deviation = Math.Sqrt(Math.Max(1e-12, (squares / Math.Max(1, candidates.Length)) - (mean * mean))); // equal scores stay equal
        foreach (var item in candidates)
        {
            scaled[item] = (float)((scores[item] - mean) / deviation);
        }
    }

    private static void Rank(int[] candidates, ReadOnlySpan<float> scores, Span<float> scaled)
    {
        var keys = new float[candidates.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = -scores[candidates[i]];
        }

        Array.Sort(keys, candidates);
        for (var rank = 1; rank <= candidates.Length; rank++)
        {
            scaled[candidates[rank - 1]] = 1 / (RankOffset + rank);
        }
    }
}
