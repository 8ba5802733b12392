using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Federation;
using FedRec.Core.Learners;

namespace FedRec.Core.Tests.Evaluation;

/// <summary>Trains one client per user with what a learner recommends.</summary>
internal static class LocalFederation
{
    public static EvaluationSummary TrainAndEvaluate(ILearner learner, LearnerDefaults defaults, Dataset data, int rounds, ulong seed)
    {
        var scorer = new VersionScorer(learner, Train(learner, defaults, data, rounds, seed));
        return RankingEvaluator.EvaluateAll(() => scorer, EvaluationSplit.Test(data), [10], threads: 1);
    }

    /// <summary>The parameters after some rounds of all clients; each client keeps what its learner lets it keep.</summary>
    public static ReadOnlyMemory<float> Train(ILearner learner, LearnerDefaults defaults, Dataset data, int rounds, ulong seed) =>
        Train(learner, defaults, ClientPartition.PerUser(data), rounds, seed);

    /// <summary>The parameters after some rounds of all clients of a partition.</summary>
    public static ReadOnlyMemory<float> Train(ILearner learner, LearnerDefaults defaults, ClientPartition partition, int rounds, ulong seed)
    {
        var optimizer = defaults.ServerOptimizer.Create();
        return new InProcessFederation(learner, _ => optimizer, ClientWeighting.Parse(defaults.Weighting, 0)).Train([.. partition.Clients], rounds, seed);
    }
}
