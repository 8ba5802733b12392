using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Learners;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Benchmarks.Ensembles;

/// <summary>One learner of an ensemble, trained by rounds of all clients in a loop: what a cluster does, without one.</summary>
/// <param name="Learner">Its name in the registry.</param>
/// <param name="Options">Its options; those left out take their defaults.</param>
/// <param name="ServerLearningRate">In place of the recommended one; null keeps that.</param>
internal sealed record Member(string Learner, IReadOnlyDictionary<string, string> Options, double? ServerLearningRate = null)
{
    /// <summary>Trains on the training items of a data set and scores the catalogue for each of its users.</summary>
    public ScoreTable TrainAndScore(Dataset data, ulong seed)
    {
        var (learner, model) = Train(data, seed);
        using var worker = learner.CreateWorker();
        var table = new ScoreTable(data.Users.Count, data.Items.Count);
        for (var user = 0; user < data.Users.Count; user++)
        {
            worker.Score(model, data.Train.History(user), table.Of(user));
        }

        return table;
    }

    /// <summary>Trains on the training items of a data set.</summary>
    public (ILearner Learner, PreparedModel Model) Train(Dataset data, ulong seed)
    {
        var learner = LearnerRegistry.Create(Learner, Options, FederationShape.Of(data, data.Users.Count));
        using var worker = learner.CreateWorker();
        return (learner, learner.Prepare(Train(learner, worker, data, seed)));
    }

    private ReadOnlyMemory<float> Train(ILearner learner, ILearnerWorker worker, Dataset data, ulong seed)
    {
        var defaults = LearnerRegistry.Find(Learner).Recommended(Options);
        var step = defaults.ServerOptimizer with { LearningRate = ServerLearningRate ?? defaults.ServerOptimizer.LearningRate };
        var (optimizer, weighting) = (step.Create(), ClientWeighting.Parse(defaults.Weighting, 0));
        var (state, partition) = (learner.Begin(learner.Initialize(seed)), ClientPartition.PerUser(data));
        for (var round = 1; round <= defaults.Rounds; round++)
        {
            var sum = new FixedPointSum(learner.Recipe(state.Phase).Update.Length, SumScale.For(partition.Count, learner.LargestUpdate));
            state = ServerStep.Take(learner, optimizer, state, SumOf(worker, learner.Prepare(state.Parameters, state.Phase), sum, partition, weighting, (seed, round)));
        }

        return learner.ToVersion(state.Parameters, state.Phase);
    }

    private FixedPointSum SumOf(ILearnerWorker worker, PreparedModel model, FixedPointSum sum, ClientPartition partition, ClientWeighting weighting, (ulong Seed, int Round) draw)
    {
        var buffer = new UpdateBuffer();
        for (var client = 0; client < partition.Count; client++)
        {
            buffer.Clear();
            var result = worker.Train(model, new(partition.Client(client), SeedSequence.For(draw.Seed, draw.Round, client), default), buffer);
            if (!sum.TryAdd(buffer, weighting.WeightOf(result), result.Loss, result.Examples))
            {
                throw new InvalidOperationException($"Round {draw.Round} of {Learner} refused the update of client {client}: a value is not finite or too large.");
            }
        }

        return sum;
    }
}
