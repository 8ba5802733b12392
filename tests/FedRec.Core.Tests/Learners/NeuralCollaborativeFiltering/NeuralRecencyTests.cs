using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.NeuralCollaborativeFiltering;
using FedRec.Core.Tests.Native;

namespace FedRec.Core.Tests.Learners.NeuralCollaborativeFiltering;

/// <summary>A user's embedding is made of the newer own items more than of the older ones, where that is asked for, and is as long as without.</summary>
[Collection(nameof(TorchCollection))]
public sealed class NeuralRecencyTests
{
    private static readonly int[] s_own = [0, 3, 6];
    private static readonly float[] s_ages = [2, 0, 1];

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Fill_WithAges_FallsOffByAgeAndHasLengthOne(int without)
    {
        var weights = new float[3];

        HistoryWeights.Fill(new UserHistory(s_own, ages: s_ages), tau: 2, without, weights);

        Assert.Equal(1, weights.Sum(value => (double)value * value), 1e-6);
        Assert.Equal(Math.Exp(-1.0 / 2), weights[0] / weights[2], 1e-6);
        Assert.Equal(without == 1 ? 0 : Math.Exp(1.0 / 2), weights[1] / weights[2], 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Fill_WithoutAnOrder_CountsAllAlike(double tau)
    {
        var (all, few, none) = (new float[3], new float[3], new float[1]);

        HistoryWeights.Fill(s_own, tau, without: -1, all);
        HistoryWeights.Fill(s_own, tau, without: 2, few);
        HistoryWeights.Fill(new[] { 4 }, tau, without: 0, none);

        Assert.Equal([HistoryWeights.Of(3), HistoryWeights.Of(3), HistoryWeights.Of(3)], all);
        Assert.Equal([HistoryWeights.Of(2), HistoryWeights.Of(2), 0], few);
        Assert.Equal([0f], none);
    }

    [Theory]
    [InlineData(NeuralModel.Gmf)]
    [InlineData(NeuralModel.NeuMf)]
    public void ScoreAndExplain_WithAges_AreThoseOfTheWeighedEmbedding(NeuralModel model)
    {
        var options = NeuralToy.Options(model) with { Recency = 2 };
        var learner = new NeuralLearner(options, NeuralToy.Items);
        var parameters = NeuralToy.Parameters(learner);
        var shape = new NetworkShape(options, NeuralToy.Items);
        var hand = new HandNetwork(options, shape, Array.ConvertAll(parameters, value => (double)value));
        using var worker = learner.CreateWorker();
        var (scores, parts) = (new float[NeuralToy.Items], new float[3]);
        var history = new UserHistory(s_own, ages: s_ages);

        worker.Score(learner.Prepare(parameters), history, scores);
        worker.Explain(learner.Prepare(parameters), history, 5, parts);

        Assert.All(scores, (score, item) => Assert.Equal(hand.Score(User(-1), item), score, 1e-4));
        Assert.All(parts, (part, place) => Assert.Equal(hand.Score(User(-1), 5) - hand.Score(User(place), 5), part, 1e-4));

        double[] User(int without)
        {
            var weights = new float[3];
            HistoryWeights.Fill(new UserHistory(s_own, ages: s_ages), 2, without, weights);
            return [.. Enumerable.Range(0, shape.UserColumns).Select(k => hand.Start(k) + Enumerable.Range(0, 3).Sum(i => weights[i] * hand.History(s_own[i], k)))];
        }
    }
}
