using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Metrics;

namespace FedRec.Benchmarks.Ensembles;

/// <summary>Adds two learners' scaled scores, which a client can do by itself: it has both models and its own history.</summary>
/// <param name="first">Scores on the common scale.</param>
/// <param name="second">Scores on the same scale.</param>
/// <param name="weight">Weight of the second, in [0, 1].</param>
internal sealed class Blend(ScoreTable first, ScoreTable second, float weight) : IScorer
{
    /// <inheritdoc/>
    public void Score(int user, UserHistory history, Span<float> scores)
    {
        var a = first.Of(user);
        var b = second.Of(user);
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = ((1 - weight) * a[item]) + (weight * b[item]);
        }
    }

    /// <summary>HR@10 and NDCG@10 of two scorers on the same users, with paired intervals.</summary>
    public static BootstrapSums Compare(IScorer first, IScorer second, EvaluationSplit split)
    {
        var frame = EvaluationFrame.Of(split, [10]);
        var total = PairedEvaluator.NewSums(frame, BootstrapSums.DefaultReplicates, seed: 0);
        Parallel.ForEach((int[])[0, 1], half =>
        {
            var sums = PairedEvaluator.NewSums(frame, BootstrapSums.DefaultReplicates, seed: 0);
            int[] users = [.. Enumerable.Range(0, split.HeldOut.UserCount).Where(user => user % 2 == half)];
            new PairedEvaluator(split, frame).Evaluate(first, second, users, sums);
            lock (total)
            {
                total.Add(sums.ToBytes());
            }
        });
        return total;
    }
}
