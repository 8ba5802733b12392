using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Core.Evaluation.Baselines;
using FedRec.Core.Evaluation.Baselines.SelfAttention;
using FedRec.Core.Evaluation.Metrics;
using FedRec.Core.Tests.Native;
using static TorchSharp.torch;

namespace FedRec.Core.Tests.Evaluation.SelfAttention;

/// <summary>How centralised SASRec is chosen and trained, and what it may see.</summary>
[Collection(nameof(TorchCollection))]
public sealed class SasRecTests
{
    private static readonly SequenceSettings s_small = new() { Dims = 8, Layers = 1, Heads = 2, MaxLength = 6, StepSize = 0.01, StepExamples = 40, Dropout = 0.1 };

    [Fact]
    public void Train_WithoutTimes_IsRefusedByName()
    {
        var data = Sequences.Dataset(new UserItems([0, 2], [0, 1]), items: 2);

        var refusal = Assert.Throws<ArgumentException>(() => BaselineRegistry.Create("sasrec", data, 1)).Message;

        Assert.Contains("sasrec", refusal, StringComparison.Ordinal);
        Assert.Contains("made up has no times", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Called_SaysThatItIsCentralised() => Assert.Equal("sasrec (centralised)", BaselineRegistry.Called("sasrec", null));

    [Fact]
    public void Names_HaveItLast() => Assert.Equal(["popularity", "item-knn", "ials", "sasrec"], BaselineRegistry.Names);

    [Fact]
    public void Choose_AWalkRoundACircle_FindsNearlyEveryNextItem()
    {
        var (train, next) = Sequences.Circle(users: 60, items: 30, length: 8);
        var data = Sequences.Dataset(train, test: next, items: 30);

        using var scorer = Train(data, seed: 1);

        Assert.True(RankingEvaluator.EvaluateAll(() => scorer, EvaluationSplit.Test(data), [1], threads: 2).Metrics["hr@1"] > 0.95);
    }

    [Fact]
    public void Choose_SameSeed_GivesTheSameScoresAndAnotherSeedOthers()
    {
        var (train, _) = Sequences.Circle(users: 30, items: 20, length: 8);
        var data = Sequences.Dataset(train, items: 20);

        Assert.Equal(Scores(data, 1), Scores(data, 1));
        Assert.NotEqual(Scores(data, 1), Scores(data, 2));
    }

    [Fact]
    public void Choose_OtherTestItems_ChangeNothing()
    {
        var (train, next) = Sequences.Circle(users: 30, items: 20, length: 8);
        var other = Sequences.Rows([.. Enumerable.Range(0, 30).Select(user => new[] { user % 20 })]);

        Assert.Equal(Scores(Sequences.Dataset(train, test: next, items: 20), 1), Scores(Sequences.Dataset(train, test: other, items: 20), 1));
    }

    [Fact]
    public void Choose_OtherValidationItems_AreNotLearntFrom()
    {
        var (train, next) = Sequences.Circle(users: 30, items: 20, length: 8);
        var other = Sequences.Rows([.. Enumerable.Range(0, 30).Select(user => new[] { user % 20 })]);
        var all = new ItemSequences(train);
        var search = new SasRec(20, 1) { Candidates = [s_small], Budget = 1, LookEvery = 1 };

        var (_, _, one) = search.Choose(all, all, HeldOut(next));
        var (_, _, two) = search.Choose(all, all, HeldOut(other));

        Assert.Equal(one, two); // there is one look, so nothing to choose
    }

    [Fact]
    public void Choose_BetweenSettings_TakesTheOneThatFindsMore()
    {
        var (train, _) = Sequences.Circle(users: 60, items: 30, length: 8);
        var still = s_small with { StepSize = 1e-9 };

        var first = Search(1, still, s_small).ChooseByNewest(new ItemSequences(train)).Settings;
        var second = Search(1, s_small, still).ChooseByNewest(new ItemSequences(train)).Settings;

        Assert.Equal((s_small, s_small), (first, second));
    }

    [Fact]
    public void Choose_WithWorkForFourPasses_TakesTwoToChooseAndAsManyToTrain()
    {
        var sequences = new ItemSequences(Sequences.Circle(users: 60, items: 30, length: 8).Train);
        var passes = new List<float[]>();
        new SequenceTrainer(s_small, sequences, 30, 1).Train((pass, _, parameters) =>
        {
            passes.Add(parameters);
            return pass < 3;
        });

        var search = new SasRec(30, 1) { Candidates = [s_small, s_small with { Layers = 2 }], LookEvery = 1, Budget = 4.5 * s_small.CostOfPass(sequences.Examples, 30) };
        var (settings, trained, parameters) = search.ChooseByNewest(sequences);

        Assert.Equal(s_small, settings);
        Assert.InRange(trained, 1, 2);
        Assert.Equal(passes[trained - 1], parameters);
    }

    [Fact]
    public void Quality_OfANetwork_IsThatOfTheEvaluator()
    {
        var (train, next) = Sequences.Circle(users: 100, items: 30, length: 8);
        var data = Sequences.Dataset(train, validation: next, items: 30);
        var parameters = SequenceNetwork.Initial(SequenceNetwork.Layout(s_small, 30), 5);
        using var scorer = new SequenceScorer(s_small, 30, parameters);

        var quality = new NextItemQuality(new ItemSequences(train), HeldOut(next)).Of(s_small, 30, parameters);

        Assert.Equal(RankingEvaluator.EvaluateAll(() => scorer, EvaluationSplit.Validation(data), [10], threads: 1).Metrics["ndcg@10"], quality, 1e-9);
    }

    [Fact]
    public void Score_OfALongHistory_GoesByTheNewestItems()
    {
        using var scorer = new SequenceScorer(s_small, 30, SequenceNetwork.Initial(SequenceNetwork.Layout(s_small, 30), 5));

        var one = Scores(scorer, Sequences.Rows([9, 20, 11, 12, 13, 14, 15, 16]).History(0));
        var other = Scores(scorer, Sequences.Rows([21, 8, 11, 12, 13, 14, 15, 16]).History(0));

        Assert.Equal(one, other);
        Assert.NotEqual(one, Scores(scorer, Sequences.Rows([21, 8, 11, 12, 13, 14, 16, 15]).History(0)));
    }

    [Fact]
    public void Score_WithoutItems_HoldsAllAlike()
    {
        using var scorer = new SequenceScorer(s_small, 30, SequenceNetwork.Initial(SequenceNetwork.Layout(s_small, 30), 5));

        Assert.All(Scores(scorer, default), score => Assert.Equal(0, score));
    }

    [Fact]
    public void Choose_ManyTimes_LeavesNoTensorBehind()
    {
        var data = Sequences.Dataset(Sequences.Circle(users: 30, items: 20, length: 8).Train, items: 20);
        Scores(data, 1);
        var before = Tensor.TotalCount;

        Scores(data, 1);

        Assert.Equal(before, Tensor.TotalCount);
    }

    private static float[] Scores(Dataset data, ulong seed)
    {
        using var scorer = Train(data, seed);
        return Scores(scorer, data.Train.History(3));
    }

    private static float[] Scores(SequenceScorer scorer, UserHistory history)
    {
        var scores = new float[history.Items.Length > 0 && history.Items.ToArray().Max() >= 20 ? 30 : 20];
        scorer.Score(0, history, scores);
        return scores;
    }

    private static SequenceScorer Train(Dataset data, ulong seed) =>
        new(s_small, data.Items.Count, Search(seed, data.Items.Count, s_small).ChooseByNewest(new ItemSequences(data.Train)).Parameters);

    private static SasRec Search(ulong seed, params SequenceSettings[] candidates) => Search(seed, 30, candidates);

    private static SasRec Search(ulong seed, int items, params SequenceSettings[] candidates) =>
        new(items, seed) { Candidates = candidates, MostExamples = 12_000, LookEvery = 1_000, MostLooks = 12, Patience = 3 };

    private static int[][] HeldOut(UserItems rows) => [.. Enumerable.Range(0, rows.UserCount).Select(user => rows.Items(user).ToArray())];
}
