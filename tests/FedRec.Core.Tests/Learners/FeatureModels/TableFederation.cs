using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.FeatureModels;

namespace FedRec.Core.Tests.Learners.FeatureModels;

/// <summary>Rounds of <c>mlp</c> over a partition, with plain averaging by examples.</summary>
internal static class TableFederation
{
    public static FeatureModel Learner(Dataset data, FeatureModelOptions? options = null) => new(options ?? new FeatureModelOptions(), FederationShape.Of(data, 1));

    /// <summary>The parameters after a round of preparation and some rounds of training.</summary>
    public static float[] Train(FeatureModel learner, ClientPartition partition, int rounds) =>
        new InProcessFederation(learner, _ => new ServerOptimizerOptions().Create(), ClientWeighting.Parse("examples", 0)).Train([.. partition.Clients], rounds + 1, seed: 1).ToArray();

    public static EvaluationSummary Evaluate(FeatureModel learner, Dataset data, float[] parameters)
    {
        var scorer = new VersionScorer(learner, parameters);
        return RankingEvaluator.EvaluateAll(() => scorer, EvaluationSplit.Test(data), [1], threads: 1);
    }
}
