using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Core.Evaluation;

/// <summary>Ranks the full catalogue for users and measures where their held-out items land.</summary>
/// <remarks>No sampled candidates: sampled metrics need not agree with the true order of recommenders (Krichene and Rendle 2020).
/// Scratch memory is reused; not thread-safe: one per thread.</remarks>
public sealed class RankingEvaluator(EvaluationSplit split)
{
    private UserRanker? _ranker;
    private EvaluationFrame? _frame;

    /// <summary>Evaluates users and adds them to a sum; users without held-out items are passed over, and those apart are added to groups only.</summary>
    /// <param name="scorer">Scores the catalogue for each of the users.</param>
    /// <param name="users">Dense user numbers.</param>
    /// <param name="into">Sums of the same catalogue.</param>
    /// <exception cref="ArgumentException"><paramref name="into"/> is of another catalogue.</exception>
    public void Evaluate(IScorer scorer, ReadOnlySpan<int> users, MetricSums into)
    {
        if (into.Frame.ItemCount != split.ItemCount)
        {
            throw new ArgumentException($"Sums of {into.Frame.ItemCount} items do not fit a catalogue of {split.ItemCount}.", nameof(into));
        }

        var ranker = RankerFor(into.Frame);
        foreach (var user in users)
        {
            if (!split.HeldOut.Items(user).IsEmpty)
            {
                into.AddUser(ranker.Rank(scorer, user));
            }

            if (split.Apart is { } apart && !apart.Items(user).IsEmpty)
            {
                into.AddApart(ranker.RankApart(scorer, user, apart));
            }
        }
    }

    /// <summary>Evaluates all users with several threads; the result does not depend on how many.</summary>
    /// <param name="scorer">Makes one scorer per thread, or returns one that is thread-safe.</param>
    /// <param name="split">What is ranked.</param>
    /// <param name="cutoffs">Values of K, each 1 to <see cref="RankingMetrics.MaxCutoff"/>.</param>
    /// <param name="threads">At least 1.</param>
    /// <param name="sampled">Whether held-out items are ranked among sampled items too. Default: false.</param>
    public static EvaluationSummary EvaluateAll(Func<IScorer> scorer, EvaluationSplit split, IReadOnlyList<int> cutoffs, int threads, bool sampled = false)
    {
        var frame = EvaluationFrame.Of(split, cutoffs, sampled);
        var total = new MetricSums(frame);
        var users = Enumerable.Range(0, split.HeldOut.UserCount).ToArray();
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            var sums = new MetricSums(frame);
            var (from, to) = ((long)users.Length * thread / threads, (long)users.Length * (thread + 1) / threads);
            new RankingEvaluator(split).Evaluate(scorer(), users.AsSpan((int)from..(int)to), sums);
            lock (total)
            {
                total.Add(sums); // exact: the order of the threads does not show
            }
        });
        return total.Finish();
    }

    // Scratch memory for what the sums measure; one caller's sums all measure the same.
    private UserRanker RankerFor(EvaluationFrame frame)
    {
        if (_ranker is null || !ReferenceEquals(_frame, frame))
        {
            (_ranker, _frame) = (new UserRanker(split, frame), frame);
        }

        return _ranker;
    }
}
