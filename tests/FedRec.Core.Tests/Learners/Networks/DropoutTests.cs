using FedRec.Core.Learners;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.NeuralCollaborativeFiltering;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Learners.NeuralCollaborativeFiltering;
using FedRec.Core.Tests.Native;
using static TorchSharp.torch;

namespace FedRec.Core.Tests.Learners.Networks;

[Collection(nameof(TorchCollection))]
public sealed class DropoutTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.95)]
    public void Mask_ManyValues_LeavesOutTheirShareAndKeepsTheMean(double chance)
    {
        using var scope = NewDisposeScope();
        const int Count = 100_003; // not a multiple of the four values of a draw

        var mask = new Dropout(chance, new SeededRandom(1)).Mask([Count]).data<float>().ToArray();

        var error = 5 * Math.Sqrt(chance * (1 - chance) / Count);
        Assert.Equal(chance, mask.Count(value => value == 0) / (double)Count, error);
        Assert.Equal(1, mask.Average(), error / (1 - chance));
        Assert.Single(mask.Where(value => value != 0).Distinct());
    }

    [Fact]
    public void Mask_SameDraws_IsTheSameWhateverTorchDraws()
    {
        using var scope = NewDisposeScope();
        var first = new Dropout(0.5, new SeededRandom(7)).Mask([4, 5]).data<float>().ToArray();

        rand(100);
        var second = new Dropout(0.5, new SeededRandom(7)).Mask([4, 5]).data<float>().ToArray();
        var other = new Dropout(0.5, new SeededRandom(8)).Mask([4, 5]).data<float>().ToArray();

        Assert.Equal(first, second);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void Apply_Twice_DrawsAfresh()
    {
        using var scope = NewDisposeScope();
        var dropout = new Dropout(0.5, new SeededRandom(7));

        var (first, second) = (dropout.Apply(ones(40)).data<float>().ToArray(), dropout.Apply(ones(40)).data<float>().ToArray());

        Assert.NotEqual(first, second);
    }

    [Fact]
    public void Score_WithDropout_IsTheSameEveryTimeAndAsWithout()
    {
        var options = NeuralToy.Options(NeuralModel.NeuMf);
        var (plain, dropping) = (new NeuralLearner(options, NeuralToy.Items), new NeuralLearner(options with { Dropout = 0.5, HistoryDropout = 0.5 }, NeuralToy.Items));
        var parameters = NeuralToy.Parameters(plain);
        using var worker = plain.CreateWorker();
        using var droppingWorker = dropping.CreateWorker();
        var (expected, first, second) = (new float[NeuralToy.Items], new float[NeuralToy.Items], new float[NeuralToy.Items]);

        worker.Score(plain.Prepare(parameters), NeuralToy.Users[1], expected);
        droppingWorker.Score(dropping.Prepare(parameters), NeuralToy.Users[1], first);
        droppingWorker.Score(dropping.Prepare(parameters), NeuralToy.Users[1], second);

        Assert.Equal(expected, first);
        Assert.Equal(first, second);
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0, 0.5)]
    public void Train_WithDropout_DependsOnTheDraws(double dropout, double historyDropout)
    {
        var learner = new NeuralLearner(NeuralToy.Options(NeuralModel.NeuMf) with { Dropout = dropout, HistoryDropout = historyDropout }, NeuralToy.Items);
        var parameters = NeuralToy.Parameters(learner);
        using var worker = learner.CreateWorker();
        var client = NeuralToy.Client(NeuralToy.Users[1]);

        var losses = Enumerable.Range(1, 8).Select(seed => NeuralToy.Train(learner, worker, parameters, client, (ulong)seed).Result.Loss);

        Assert.InRange(losses.Distinct().Count(), 4, 8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public void HistoryWeights_AnyDraw_HaveLengthOne(double chance)
    {
        var (random, row) = (new SeededRandom(3), new float[20]);
        int[] slots = [1, 4, 7, 8, 15, 19];

        HistoryWeights.Draw(slots, chance, ref random, row);

        Assert.Equal(1, row.Sum(value => (double)value * value), 1e-6);
        Assert.All(Enumerable.Range(0, 20).Except(slots), slot => Assert.Equal(0, row[slot]));
        Assert.Equal(chance == 0 ? 6 : 3, row.Count(value => value > 0), chance == 0 ? 0.0 : 3.0);
    }
}
