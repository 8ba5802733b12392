using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

/// <summary>What clients contribute, whatever the objective.</summary>
public sealed class WorkerTests
{
    public static TheoryData<MatrixFactorizationObjective, int> Cases => new()
    {
        { MatrixFactorizationObjective.LeastSquares, 32 },
        { MatrixFactorizationObjective.LeastSquares, 20 },
        { MatrixFactorizationObjective.Logistic, 32 },
        { MatrixFactorizationObjective.Logistic, 20 },
        { MatrixFactorizationObjective.Pairwise, 32 },
        { MatrixFactorizationObjective.Pairwise, 20 },
        { MatrixFactorizationObjective.Ratings, 32 },
        { MatrixFactorizationObjective.Ratings, 20 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Train_AfterWarmUp_AllocatesNothing(MatrixFactorizationObjective objective, int dims)
    {
        var learner = new MatrixFactorization(Toy.Options(objective, dims), Toy.Items);
        var model = learner.Prepare(learner.Initialize(1));
        using var worker = learner.CreateWorker();
        var (buffer, client) = (new UpdateBuffer(), Toy.Client(3, 5, 11));
        Train(5);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Train(1);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Train(int rounds)
        {
            for (var round = 1; round <= rounds; round++)
            {
                buffer.Clear();
                worker.Train(model, new(client, SeedSequence.For(1, round, 0)), buffer);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Train_TheSameArguments_GivesTheSameBits(MatrixFactorizationObjective objective, int dims)
    {
        var learner = new MatrixFactorization(Toy.Options(objective, dims), Toy.Items);
        var model = learner.Prepare(learner.Initialize(1));
        using var used = learner.CreateWorker();
        Train(used, model, 7, 0); // leaves its scratch behind
        using var fresh = learner.CreateWorker();

        var (first, second) = (Train(used, model, 4, 1), Train(fresh, model, 4, 1));

        Assert.Equal(first, second);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Train_ManyUsers_SegmentsAreInTheLayoutAndNoneTwice(MatrixFactorizationObjective objective, int dims)
    {
        var learner = new MatrixFactorization(Toy.Options(objective, dims), Toy.Items);
        using var worker = learner.CreateWorker();
        var buffer = new UpdateBuffer();

        var result = worker.Train(learner.Prepare(learner.Initialize(1)), new(Toy.Client(0, 4, 9), SeedSequence.For(1, 1, 1)), buffer);

        var offsets = Enumerable.Range(0, buffer.SegmentCount).Select(buffer.Offset).ToList();
        Assert.Equal(offsets.Distinct(), offsets);
        Assert.All(offsets, offset => Assert.InRange(offset, 0, learner.Recipe(LearningPhase.Training).Update.Length - 1));
        Assert.True(double.IsFinite(result.Loss) && result.Examples > 0);
    }

    [Fact]
    public void Train_LeastSquares_DoesNotDependOnHowUsersAreDealtToClients()
    {
        var learner = new MatrixFactorization(Toy.Options(MatrixFactorizationObjective.LeastSquares), Toy.Items);
        var parameters = learner.Initialize(1);
        var model = learner.Prepare(parameters);
        var (alone, dealt) = (new float[parameters.Length], new float[parameters.Length]);

        learner.Conclude(learner.Begin(parameters), Toy.Round(learner, model, [.. Enumerable.Range(0, Toy.Users).Select(u => Toy.Client(u))]), alone);
        learner.Conclude(learner.Begin(parameters), Toy.Round(learner, model, Toy.Client(0, 1, 2, 3, 4), Toy.Client(11, 5), Toy.Client(6, 7, 8, 9, 10)), dealt);

        Parity.AssertClose(Array.ConvertAll(alone, x => (double)x), dealt);
    }

    [Fact]
    public void Train_LeastSquares_TouchesTheOwnItemsOnly()
    {
        var learner = new MatrixFactorization(Toy.Options(MatrixFactorizationObjective.LeastSquares), Toy.Items);
        using var worker = learner.CreateWorker();
        var buffer = new UpdateBuffer();

        worker.Train(learner.Prepare(learner.Initialize(1)), new(Toy.Client(2), SeedSequence.For(1, 1, 1)), buffer);

        var rows = Enumerable.Range(0, buffer.SegmentCount - 2).Select(s => buffer.Offset(s) / 20);
        Assert.Equal(Toy.Train.Items(2).ToArray(), rows);
        Assert.Equal([learner.Recipe(LearningPhase.Training).Update.Offset(1), learner.Recipe(LearningPhase.Training).Update.Offset(2)], [buffer.Offset(buffer.SegmentCount - 2), buffer.Offset(buffer.SegmentCount - 1)]);
    }

    [Fact]
    public void Train_Logistic_TouchesOwnItemsAndFreshNegatives()
    {
        var learner = new MatrixFactorization(Toy.Options(MatrixFactorizationObjective.Logistic) with { Negatives = 2 }, Toy.Items);
        var model = learner.Prepare(learner.Initialize(1));
        using var worker = learner.CreateWorker();
        var own = Toy.Train.Items(3).ToArray();

        var (first, second) = (Train(worker, model, 3, 1), Train(worker, model, 3, 2));

        Assert.Equal(3 * own.Length, first.Count); // two distinct negatives for each
        Assert.Superset(own.ToHashSet(), first.Keys.Select(offset => offset / 20).ToHashSet());
        Assert.NotEqual(first.Keys.Order(), second.Keys.Order());
    }

    [Fact]
    public void Train_Scaffold_ContributesAChangeOfEachTouchedRowAndKeepsIt()
    {
        var learner = new MatrixFactorization(Toy.Options(MatrixFactorizationObjective.Logistic) with { LocalSgd = new() { Scaffold = true } }, Toy.Items);
        var model = learner.Prepare(learner.Initialize(1));
        using var worker = learner.CreateWorker();
        var buffer = new UpdateBuffer();

        var result = worker.Train(model, new(Toy.Client(3), SeedSequence.For(9, 1, 3)), buffer);

        var offsets = Enumerable.Range(0, buffer.SegmentCount).Select(buffer.Offset).ToArray();
        Assert.Equal(offsets[..(offsets.Length / 2)].Select(offset => offset + (Toy.Items * 20)), offsets[(offsets.Length / 2)..]);
        Assert.Equal(12 + (offsets.Length / 2 * 84), result.State.Length); // an item number and 20 floats each
    }

    [Fact]
    public void Train_UserWhoHasEveryItem_NeedsNoNegatives()
    {
        var train = new Core.Data.UserItems([0, 3], [0, 1, 2]);
        var learner = new MatrixFactorization(Toy.Options(MatrixFactorizationObjective.Logistic), 3);
        using var worker = learner.CreateWorker();
        var buffer = new UpdateBuffer();

        var result = worker.Train(learner.Prepare(learner.Initialize(1)), new(new ClientData(train, new[] { 0 }, 3), SeedSequence.For(1, 1, 1)), buffer);

        Assert.Equal(3, result.Examples);
        Assert.Equal(3, buffer.SegmentCount);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Train_UserWithoutItems_CountsAndChangesNoItem(MatrixFactorizationObjective objective, int dims)
    {
        var train = new Core.Data.UserItems([0, 0], []);
        var learner = new MatrixFactorization(Toy.Options(objective, dims), 3);
        using var worker = learner.CreateWorker();
        var buffer = new UpdateBuffer();

        var result = worker.Train(learner.Prepare(learner.Initialize(1)), new(new ClientData(train, new[] { 0 }, 3), SeedSequence.For(1, 1, 1)), buffer);

        Assert.Equal(new LocalResult(0, 0), result);
        Assert.Equal(Toy.Options(objective).IsLocalSgd ? 0 : 2, buffer.SegmentCount);
        Assert.All(buffer.Values[..Math.Max(0, buffer.Values.Length - 1)].ToArray(), value => Assert.Equal(0, value));
    }

    /// <summary>What a client contributes, by offset.</summary>
    private static SortedDictionary<int, string> Train(ILearnerWorker worker, PreparedModel model, int user, int round)
    {
        var (buffer, rows) = (new UpdateBuffer(), new SortedDictionary<int, string>());
        worker.Train(model, new(Toy.Client(user), SeedSequence.For(9, round, user)), buffer);
        for (var segment = 0; segment < buffer.SegmentCount; segment++)
        {
            var values = buffer.SegmentValues(segment);
            rows.Add(buffer.Offset(segment), string.Join(' ', values.ToArray().Select(BitConverter.SingleToInt32Bits)));
        }

        return rows;
    }
}
