using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Models;
using FedRec.Core.Training;

namespace FedRec.Core.Tests.Evaluation;

/// <summary>Runs rounds of all clients in a loop: what a cluster does, without one.</summary>
internal static class LocalFederation
{
    public static EvaluationSummary TrainAndEvaluate(ILearner learner, LearnerDefaults defaults, Dataset data, int rounds, ulong seed)
    {
        using var worker = learner.CreateWorker();
        var scorer = new WorkerScorer(worker, learner.Prepare(Train(learner, defaults, data, rounds, seed)));
        return RankingEvaluator.EvaluateAll(() => scorer, EvaluationSplit.Test(data), [10], threads: 1);
    }

    /// <summary>The parameters after some rounds of all clients; each client keeps what its learner lets it keep.</summary>
    public static ReadOnlyMemory<float> Train(ILearner learner, LearnerDefaults defaults, Dataset data, int rounds, ulong seed)
    {
        var (partition, optimizer) = (ClientPartition.PerUser(data), defaults.ServerOptimizer.Create());
        var (state, kept) = (ServerState.Initial(learner.Initialize(seed)), new ReadOnlyMemory<byte>[partition.Count]);
        using var worker = learner.CreateWorker();
        for (var round = 1; round <= rounds; round++)
        {
            var sum = SumOf(learner, worker, state, partition, ClientWeighting.Parse(defaults.Weighting, 0), (seed, round), kept);
            var delta = new float[state.Parameters.Length];
            learner.Aggregate(state.Parameters.Span, sum, delta);
            state = learner.Prepares(state.Parameters.Span)
                ? ServerState.Initial(state.Parameters.ToArray().Zip(delta, (value, change) => value + change).ToArray())
                : optimizer.Apply(state, delta);
        }

        return state.Parameters;
    }

    private static ContributionSum SumOf(ILearner learner, ILearnerWorker worker, ServerState state, ClientPartition partition, ClientWeighting weighting, (ulong Seed, int Round) draw, ReadOnlyMemory<byte>[] kept)
    {
        var (model, sum, buffer) = (learner.Prepare(state.Parameters), new ContributionSum(learner.Contribution.Length), new ContributionBuffer());
        for (var client = 0; client < partition.Count; client++)
        {
            buffer.Clear();
            var result = worker.Train(model, new(partition.Client(client), SeedSequence.For(draw.Seed, draw.Round, client), kept[client]), buffer);
            kept[client] = result.State;
            Assert.True(sum.TryAdd(buffer, learner.Prepares(state.Parameters.Span) ? 1 : weighting.WeightOf(result), result.Loss, result.Examples));
        }

        return sum;
    }

    private sealed class WorkerScorer(ILearnerWorker worker, PreparedModel model) : IScorer
    {
        public void Score(int user, UserHistory history, Span<float> scores) => worker.Score(model, history, scores);
    }
}
