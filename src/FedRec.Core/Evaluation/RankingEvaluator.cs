namespace FedRec.Core.Evaluation;

/// <summary>Ranks the full catalogue for users and measures where their held-out items land.</summary>
/// <remarks>No sampled candidates: sampled metrics need not agree with the true order of recommenders (Krichene and Rendle 2020).
/// Scratch memory is reused; not thread-safe: one per thread.</remarks>
public sealed class RankingEvaluator(EvaluationSplit split)
{
    private readonly float[] _scores = new float[split.ItemCount];
    private readonly RankPositions _positions = new();
    private int[] _top = [];

    /// <summary>Evaluates users and adds them to a sum; users without held-out items are passed over.</summary>
    /// <param name="scorer">Scores the catalogue for each of the users.</param>
    /// <param name="users">Dense user numbers.</param>
    /// <param name="into">Sums of the same catalogue.</param>
    /// <exception cref="ArgumentException"><paramref name="into"/> is of another catalogue.</exception>
    public void Evaluate(IScorer scorer, ReadOnlySpan<int> users, MetricSums into)
    {
        if (into.ItemCount != split.ItemCount)
        {
            throw new ArgumentException($"Sums of {into.ItemCount} items do not fit a catalogue of {split.ItemCount}.", nameof(into));
        }

        foreach (var user in users)
        {
            if (!split.HeldOut.Items(user).IsEmpty)
            {
                EvaluateUser(scorer, user, into);
            }
        }
    }

    /// <summary>Evaluates all users with several threads; the result does not depend on how many.</summary>
    /// <param name="scorer">Makes one scorer per thread, or returns one that is thread-safe.</param>
    /// <param name="split">What is ranked.</param>
    /// <param name="cutoffs">Values of K, each 1 to <see cref="RankingMetrics.MaxCutoff"/>.</param>
    /// <param name="threads">At least 1.</param>
    public static EvaluationSummary EvaluateAll(Func<IScorer> scorer, EvaluationSplit split, IReadOnlyList<int> cutoffs, int threads)
    {
        var total = new MetricSums(split.ItemCount, cutoffs);
        var users = Enumerable.Range(0, split.HeldOut.UserCount).ToArray();
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            var sums = new MetricSums(split.ItemCount, cutoffs);
            var (from, to) = ((long)users.Length * thread / threads, (long)users.Length * (thread + 1) / threads);
            new RankingEvaluator(split).Evaluate(scorer(), users.AsSpan((int)from..(int)to), sums);
            lock (total)
            {
                total.Add(sums); // exact: the order of the threads does not show
            }
        });
        return total.Finish();
    }

    private void EvaluateUser(IScorer scorer, int user, MetricSums into)
    {
        var train = split.Train.Items(user);
        var also = split.AlsoRemoved.Items(user);
        var heldOut = split.HeldOut.Items(user);
        scorer.Score(user, split.Train.History(user), _scores);
        Remove(train);
        Remove(also);
        var blocks = _positions.Find(_scores, split.ItemCount - train.Length - also.Length, heldOut);
        into.AddUser(blocks, heldOut.Length, Top(into.MaxCutoff));
    }

    private ReadOnlySpan<int> Top(int k)
    {
        if (_top.Length < k)
        {
            _top = new int[k];
        }

        return _top.AsSpan(0, TopK.Select(_scores, [], k, _top));
    }

    private void Remove(ReadOnlySpan<int> items)
    {
        foreach (var item in items)
        {
            _scores[item] = float.NaN;
        }
    }
}
