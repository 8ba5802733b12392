using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.ShallowAutoencoders;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners.ShallowAutoencoders;

/// <summary>Rounds of <c>ease</c> without a cluster.</summary>
internal static class Counted
{
    /// <summary>Users of a data set, each a client of its own.</summary>
    public static LocalTask[] Tasks(UserItems data, int items, IEnumerable<int>? users = null) =>
        [.. (users ?? Enumerable.Range(0, data.UserCount)).Select(user => new LocalTask(new ClientData(data, new[] { user }, items), SeedSequence.For(1, 1, user)))];

    /// <summary>The parameters after one more round.</summary>
    public static ReadOnlyMemory<float> Round(Ease learner, ReadOnlyMemory<float> parameters, params IEnumerable<LocalTask> tasks)
    {
        using var worker = learner.CreateWorker();
        var (model, buffer, sum) = (learner.Prepare(parameters), new UpdateBuffer(), new FixedPointSum(learner.Recipe(learner.PhaseOf(parameters.Span)).Update.Length, SumScale.For(1_000, learner.LargestUpdate)));
        foreach (var task in tasks)
        {
            buffer.Clear();
            var result = worker.Train(model, task, buffer);
            Assert.True(sum.TryAdd(buffer, 1, result.Loss, result.Examples));
        }

        var next = ServerStep.Take(learner, new SgdOptimizer(), learner.Begin(parameters), sum);
        return learner.ToVersion(next.Parameters, next.Phase);
    }

    /// <summary>The parameters after all the rounds that learning takes.</summary>
    public static ReadOnlyMemory<float> Learn(Ease learner, int rounds, params LocalTask[] tasks)
    {
        ReadOnlyMemory<float> parameters = learner.Initialize(1);
        for (var round = 0; round < rounds; round++)
        {
            parameters = Round(learner, parameters, tasks);
        }

        return parameters;
    }

    /// <summary>Random items of some users, at random times of which some are the same.</summary>
    public static UserItems Random(int users, int items, ulong seed)
    {
        var random = new SeededRandom(seed);
        var (offsets, all, times) = (new int[users + 1], new List<int>(), new List<long>());
        for (var user = 0; user < users; user++)
        {
            var own = Enumerable.Range(0, items).ToArray();
            random.Shuffle<int>(own);
            all.AddRange(own[..(1 + random.NextInt32(items / 2))].Order());
            offsets[user + 1] = all.Count;
            while (times.Count < all.Count)
            {
                times.Add(random.NextInt32(items));
            }
        }

        return new UserItems(offsets, [.. all], timestamps: [.. times]);
    }
}
