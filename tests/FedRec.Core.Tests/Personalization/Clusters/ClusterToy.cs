using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Personalization.Clusters;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Personalization.Clusters;

/// <summary>Thirty users with forty items, whose learners are small.</summary>
internal static class ClusterToy
{
    public static readonly Dataset Data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 30, SyntheticItems = 40 });

    public static readonly ClientPartition Clients = ClientPartition.PerUser(Data);

    /// <summary>A learner with one option and what it recommends.</summary>
    public static (ILearner Learner, LearnerDefaults Defaults) Inner(string name, string option, string value)
    {
        var options = new Dictionary<string, string> { [option] = value, ["dims"] = "8" };
        return (LearnerRegistry.Create(name, options, FederationShape.Of(Data, 30)), LearnerRegistry.Find(name).Recommended(options));
    }

    /// <summary>What the fourth round makes of the clients' updates.</summary>
    public static float[] Delta(ClusteredLearner learner, ReadOnlyMemory<float> parameters, IEnumerable<int> clients)
    {
        var (model, sum, buffer) = (learner.Prepare(parameters), new FixedPointSum(learner.Recipe(learner.PhaseOf(parameters.Span)).Update.Length), new UpdateBuffer());
        using var worker = learner.CreateWorker();
        foreach (var client in clients)
        {
            buffer.Clear();
            var result = worker.Train(model, new LocalTask(Clients.Client(client), SeedSequence.For(1, 4, client)), buffer);
            Assert.True(sum.TryAdd(buffer, 1 + (client % 3), result.Loss, result.Examples));
        }

        var delta = new float[learner.Parameters.Length];
        learner.Conclude(learner.Begin(parameters), sum, delta);
        return delta;
    }

    /// <summary>A client with a single user.</summary>
    public static ClientData With(int[] items) => new(new UserItems([0, items.Length], items), new[] { 0 }, 40);
}
