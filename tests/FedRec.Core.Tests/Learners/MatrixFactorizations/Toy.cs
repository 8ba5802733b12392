using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

/// <summary>A small seeded data set, and rounds without a cluster.</summary>
internal static class Toy
{
    public const int Users = 12;
    public const int Items = 30;

    public static readonly UserItems Train = MakeTrain();

    public static ClientData Client(params int[] users) => new(Train, users, Items);

    public static MatrixFactorizationOptions Options(MatrixFactorizationObjective objective, int dims = 20) =>
        new() { Objective = objective, Dims = dims, InitScale = 3, BatchSize = 16 };

    /// <summary>One round of all clients; the weight of each is 1.</summary>
    public static FixedPointSum Round(MatrixFactorization learner, PreparedModel model, params ClientData[] clients)
    {
        using var worker = learner.CreateWorker();
        var (buffer, sum) = (new UpdateBuffer(), new FixedPointSum(learner.Recipe(LearningPhase.Training).Update.Length));
        for (var client = 0; client < clients.Length; client++)
        {
            buffer.Clear();
            var result = worker.Train(model, new(clients[client], SeedSequence.For(1, 1, client)), buffer);
            Assert.True(sum.TryAdd(buffer, 1, result.Loss, result.Examples));
        }

        return sum;
    }

    private static UserItems MakeTrain()
    {
        var random = new SeededRandom(11);
        var (offsets, items) = (new int[Users + 1], new List<int>());
        for (var user = 0; user < Users; user++)
        {
            var own = Enumerable.Range(0, Items).ToArray();
            random.Shuffle<int>(own);
            items.AddRange(own[..(2 + user)].Order());
            offsets[user + 1] = items.Count;
        }

        return new UserItems(offsets, [.. items], [.. items.Select((item, place) => (float)(1 + (((7 * item) + place) % 5)))]);
    }
}
