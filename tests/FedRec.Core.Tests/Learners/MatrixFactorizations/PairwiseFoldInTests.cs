using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

public sealed class PairwiseFoldInTests
{
    private static readonly MatrixFactorizationOptions s_options = Toy.Options(MatrixFactorizationObjective.Pairwise, dims: 6) with { InitScale = 1, L2User = 0.05 };

    [Fact]
    public void Score_AnyUser_IsTheNewtonStepFromZeroOnTheExpectedLossOfPairs()
    {
        var learner = new MatrixFactorization(s_options, Toy.Items);
        var table = learner.Initialize(2);
        using var worker = learner.CreateWorker();
        var scores = new float[Toy.Items];

        for (var user = 0; user < Toy.Users; user++)
        {
            worker.Score(learner.Prepare(table), Toy.Train.Items(user), scores);

            // At the minimum of the quadratic around u = 0 its gradient is zero: Σ_pairs (−1/2 + x/4)·(v − w) + λ·own·others·u = 0.
            var gradient = Gradient(table, scores, user);
            Assert.All(gradient, g => Assert.Equal(0, g, 2e-3));
        }
    }

    /// <summary>The gradient over all pairs, projected on each item: all that scores tell of u.</summary>
    private static double[] Gradient(float[] table, float[] scores, int user)
    {
        var own = Toy.Train.Items(user).ToArray();
        var others = Enumerable.Range(0, Toy.Items).Except(own).ToArray();
        var sum = new double[s_options.Dims];
        foreach (var (v, w) in own.SelectMany(_ => others, (v, w) => (v, w)))
        {
            var slope = -0.5 + ((scores[v] - scores[w]) / 4);
            for (var d = 0; d < sum.Length; d++)
            {
                sum[d] += slope * (table[(v * sum.Length) + d] - table[(w * sum.Length) + d]);
            }
        }

        return [.. Enumerable.Range(0, Toy.Items).Select(item =>
            Enumerable.Range(0, sum.Length).Sum(d => sum[d] * table[(item * sum.Length) + d]) + (0.05 * own.Length * others.Length * scores[item]))];
    }
}
