using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.MatrixFactorizations;
using FedRec.Core.Randomness;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Learners.MatrixFactorizations;

/// <summary><c>mf</c> goes by the order of a user's own items where it scores, and not where it trains.</summary>
public sealed class RecencyTests
{
    private static readonly int[] s_own = [1, 4, 7, 20];
    private static readonly float[] s_ages = [2.5f, 0, 2.5f, 1];

    public static TheoryData<MatrixFactorizationObjective> Objectives =>
        [MatrixFactorizationObjective.LeastSquares, MatrixFactorizationObjective.Logistic, MatrixFactorizationObjective.Pairwise];

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Score_WithAges_IsThatOfItemsThatCountByTheirAge(MatrixFactorizationObjective objective)
    {
        float[] kinds = [2, 1, 0.5f, 1];
        var expected = Score(objective, 0, new UserHistory(s_own, weights: kinds.Zip(s_ages, (kind, age) => kind * MathF.Exp(-age / 2)).ToArray()));

        var actual = Score(objective, 2, new UserHistory(s_own, weights: kinds, ages: s_ages));

        Assert.Equal(expected, actual, (a, b) => MathF.Abs(a - b) < 1e-5f);
        Assert.NotEqual(Score(objective, 0, new UserHistory(s_own, weights: kinds, ages: s_ages)), actual);
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Score_WithoutAnOrder_IsBitForBitThatWithoutRecency(MatrixFactorizationObjective objective) =>
        Assert.Equal(Score(objective, 0, s_own), Score(objective, 5, s_own));

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Score_OfItemsThatAreTooOldToCount_IsFinite(MatrixFactorizationObjective objective) =>
        Assert.All(Score(objective, 0.05, new UserHistory(s_own, ages: [90, 60, 30, 0])), score => Assert.True(float.IsFinite(score)));

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Explain_WithAges_PartsAddUpToTheScore(MatrixFactorizationObjective objective)
    {
        var history = new UserHistory(s_own, ages: s_ages);
        var (learner, model) = Create(objective, 2);
        using var worker = learner.CreateWorker();
        var (scores, parts) = (new float[Toy.Items], new float[s_own.Length]);
        worker.Score(model, history, scores);

        worker.Explain(model, history, 11, parts);

        Assert.Equal(scores[11], parts.Sum(), 1e-4);
    }

    [Theory]
    [MemberData(nameof(Objectives))]
    public void Train_WithRecency_ContributesWhatItDoesWithout(MatrixFactorizationObjective objective) => Assert.Equal(Train(objective, 0), Train(objective, 2));

    [Theory]
    [InlineData("-1")]
    [InlineData("2e6")]
    [InlineData("soon")]
    public void Parse_NoAge_IsRefusedByName(string value) => Assert.Contains(
        "recency", Assert.Throws<ArgumentException>(() => LearnerRegistry.Create("mf", new Dictionary<string, string> { ["recency"] = value }, new FederationShape(5))).Message, StringComparison.Ordinal);

    private static float[] Train(MatrixFactorizationObjective objective, double recency)
    {
        var (learner, model) = Create(objective, recency);
        var data = new ClientData(new UserItems([0, 4], s_own, timestamps: [5, 9, 5, 8]), new[] { 0 }, Toy.Items);
        using var worker = learner.CreateWorker();
        var buffer = new UpdateBuffer();
        worker.Train(model, new LocalTask(data, SeedSequence.For(1, 2, 3)), buffer);
        return buffer.Values.ToArray();
    }

    private static float[] Score(MatrixFactorizationObjective objective, double recency, UserHistory history)
    {
        var (learner, model) = Create(objective, recency);
        using var worker = learner.CreateWorker();
        var scores = new float[Toy.Items];
        worker.Score(model, history, scores);
        return scores;
    }

    private static (MatrixFactorization Learner, PreparedModel Model) Create(MatrixFactorizationObjective objective, double recency)
    {
        var learner = new MatrixFactorization(Toy.Options(objective, dims: 6) with { Recency = recency }, Toy.Items);
        return (learner, learner.Prepare(learner.Initialize(4)));
    }
}
