using FedRec.Core.Data;
using FedRec.Core.Data.Features;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.TwoTowers;
using FedRec.Core.Tests.Learners.NeuralCollaborativeFiltering;
using FedRec.Core.Tests.Native;
using TorchSharp;

namespace FedRec.Core.Tests.Learners.TwoTowers;

[Collection(nameof(TorchCollection))]
public sealed class TwoTowerTests
{
    private static readonly TwoTowerOptions s_options = new() { Dims = 3, HiddenUnits = 5, InitScale = 2 };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Train_TheSameArguments_GivesTheSameBits(bool features)
    {
        var learner = new TwoTower(s_options, Shape(features));
        var parameters = Prepared(learner);
        using var first = learner.CreateWorker();
        using var second = learner.CreateWorker();

        var one = NeuralToy.Train(learner, first, parameters, NeuralToy.Client(NeuralToy.Users));
        var other = NeuralToy.Train(learner, second, parameters, NeuralToy.Client(NeuralToy.Users));

        Assert.Equal(one.Delta, other.Delta);
        Assert.Contains(one.Delta, value => value != 0);
        Assert.All(one.Delta, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Train_Preparation_TellsWhichItemsAreMetAndTrainsNothing()
    {
        var learner = new TwoTower(s_options, Shape(true));
        using var worker = learner.CreateWorker();

        var (delta, _) = NeuralToy.Train(learner, worker, learner.Initialize(1), NeuralToy.Client(NeuralToy.Users));

        Assert.Equal([1, 1, 1, 1, 1, 1, 0, 1, 1], delta); // item 6 is nobody's, and nothing else is sent
    }

    [Fact]
    public void Train_ItemWithoutInteractions_IsNotMovedByBeingDrawn()
    {
        var learner = new TwoTower(s_options with { Negatives = 100 }, Shape(false));
        var parameters = Prepared(learner);
        parameters[learner.Parameters.Offset(TwoTowerShape.Known) + 6] = 0;
        using var worker = learner.CreateWorker();

        var (delta, _) = NeuralToy.Train(learner, worker, parameters, NeuralToy.Client(NeuralToy.Users));

        Assert.All(delta[(6 * 4)..(7 * 4)], value => Assert.Equal(0, value));
        Assert.Contains(delta[(5 * 4)..(6 * 4)], value => value != 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Score_AnyHistory_IsFinite(bool features)
    {
        var learner = new TwoTower(s_options, Shape(features));
        using var worker = learner.CreateWorker();
        foreach (var history in new int[][] { [], [0], [6], [0, 1, 2, 3, 4, 5, 6, 7, 8] })
        {
            var scores = new float[NeuralToy.Items];
            worker.Score(learner.Prepare(Prepared(learner)), history, scores);
            Assert.All(scores, score => Assert.True(float.IsFinite(score)));
        }
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(true, 2)]
    public void Score_OneHistory_IsThatOfTheTrainedNetwork(bool features, double recency)
    {
        var (learner, shape) = (new TwoTower(s_options with { Recency = recency }, Shape(features)), new TwoTowerShape(s_options, Shape(features)));
        float[] ages = [1, 0, 2];
        var parameters = Prepared(learner);
        parameters[shape.Layout.Offset(TwoTowerShape.Known) + 6] = 0;
        var (model, scores) = (learner.Prepare(parameters), new float[NeuralToy.Items]);
        using var worker = learner.CreateWorker();
        using var version = new TowerVersion(shape);
        using var scope = torch.NewDisposeScope();
        version.Show(model);

        worker.Score(model, new UserHistory([0, 2, 5], ages: ages), scores);

        var network = new TowerNetwork(shape, version.Dense);
        var (inputs, biases) = TowerNetwork.Items(version.Items, version.Known, version.Features);
        var factors = Array.ConvertAll(ages, age => recency == 0 ? 1 : MathF.Exp(-age / (float)recency));
        var weights = torch.tensor(Array.ConvertAll(factors, factor => factor / MathF.Sqrt(factors.Sum(one => one * one)))).reshape(1, 3);
        var user = network.UserVectors(null, weights, inputs.index_select(0, HostTensors.Rows([0, 2, 5])));
        var expected = HostTensors.Values(TowerNetwork.Scores(user, network.ItemVectors(inputs), biases).contiguous()).ToArray();
        Assert.All(expected.Zip(scores), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.True(scores.Max() - scores.Min() > 0.01);
    }

    [Fact]
    public void Score_OneItem_IsFinite()
    {
        var learner = new TwoTower(s_options, new FederationShape(1));
        using var worker = learner.CreateWorker();
        var scores = new float[1];

        worker.Score(learner.Prepare(Prepared(learner)), Array.Empty<int>(), scores);

        Assert.True(float.IsFinite(scores[0]));
    }

    [Fact]
    public void Explain_OwnItem_IsTheEffectOfLeavingItOut()
    {
        var learner = new TwoTower(s_options, Shape(true));
        var model = learner.Prepare(Prepared(learner));
        using var worker = learner.CreateWorker();
        var (whole, without, parts) = (new float[NeuralToy.Items], new float[NeuralToy.Items], new float[3]);

        worker.Explain(model, new[] { 0, 2, 5 }, 7, parts);

        worker.Score(model, new[] { 0, 2, 5 }, whole);
        worker.Score(model, new[] { 0, 5 }, without);
        Assert.Equal(whole[7] - without[7], parts[1], 1e-4f);
    }

    [Fact]
    public void Create_EverybodyHasMetEverything_SaysSo()
    {
        var error = Assert.Throws<ArgumentException>(() => new TwoTower(s_options, new FederationShape(3, HasNegatives: false)));

        Assert.Contains("every user has met every item", error.Message, StringComparison.Ordinal);
    }

    private static FederationShape Shape(bool features) => new(NeuralToy.Items)
    {
        ItemFeatures = features ? new FeatureTable(new FeatureSchema([FeatureColumn.Numeric("a"), FeatureColumn.Numeric("b")]), [.. Enumerable.Range(0, 18).Select(i => (float)(i % 5))]) : null,
    };

    private static float[] Prepared(TwoTower learner)
    {
        var parameters = learner.Initialize(1);
        var known = learner.Parameters.Offset(TwoTowerShape.Known);
        parameters.AsSpan(known..(learner.Parameters.Offset(TwoTowerShape.Prepared) + 1)).Fill(1);
        return parameters;
    }
}
