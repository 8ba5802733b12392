using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Federation;
using FedRec.Core.Models;
using FedRec.Core.Models.FeatureModels;
using FedRec.Core.Training;

namespace FedRec.Core.Tests.Models.FeatureModels;

/// <summary>Rounds of <c>mlp</c> over a partition, without a cluster.</summary>
internal static class TableFederation
{
    public static FeatureModel Learner(Dataset data, FeatureModelOptions? options = null) => new(options ?? new FeatureModelOptions(), FederationShape.Of(data, 1));

    /// <summary>The parameters after a round of preparation and some rounds of training.</summary>
    public static float[] Train(FeatureModel learner, ClientPartition partition, int rounds)
    {
        var parameters = learner.Initialize(1);
        using var worker = learner.CreateWorker();
        for (var round = 1; round <= rounds + 1; round++)
        {
            var (sum, delta) = (Round(learner, worker, partition, parameters, round), new float[parameters.Length]);
            learner.Aggregate(parameters, sum, delta);
            parameters = [.. parameters.Zip(delta, (value, change) => value + change)];
        }

        return parameters;
    }

    public static ContributionSum Round(FeatureModel learner, ILearnerWorker worker, ClientPartition partition, float[] parameters, int round)
    {
        var (model, sum, buffer) = (learner.Prepare(parameters), new ContributionSum(learner.Contribution.Length), new ContributionBuffer());
        var weighting = ClientWeighting.Parse("examples", 0);
        for (var client = 0; client < partition.Count; client++)
        {
            buffer.Clear();
            var result = worker.Train(model, new LocalTask(partition.Client(client), SeedSequence.For(1, round, client)), buffer);
            Assert.True(sum.TryAdd(buffer, learner.Prepares(parameters) ? 1 : weighting.WeightOf(result), result.Loss, result.Examples));
        }

        return sum;
    }

    public static EvaluationSummary Evaluate(FeatureModel learner, Dataset data, float[] parameters)
    {
        using var worker = learner.CreateWorker();
        var scorer = new Scorer((FeatureModelWorker)worker, learner.Prepare(parameters));
        return RankingEvaluator.EvaluateAll(() => scorer, EvaluationSplit.Test(data), [1], threads: 1);
    }

    private sealed class Scorer(FeatureModelWorker worker, PreparedModel model) : IScorer
    {
        public void Score(int user, UserHistory history, Span<float> scores) => worker.Score(model, history, scores);

        public bool TryPredict(int user, UserHistory history, ReadOnlySpan<int> items, Span<float> predictions)
        {
            worker.Predict(model, history, items, predictions);
            return true;
        }
    }
}
