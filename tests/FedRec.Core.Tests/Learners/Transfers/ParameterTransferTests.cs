using FedRec.Core.Data.Features;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Learners.TwoTowers;

namespace FedRec.Core.Tests.Learners.Transfers;

public sealed class ParameterTransferTests
{
    private static readonly string[] s_ids = ["a", "b", "c", "d"];

    [Theory]
    [InlineData("mf", "objective", "least-squares")]
    [InlineData("mf", "objective", "mse")]
    [InlineData("ncf", "model", "neumf")]
    public void Carry_TheSameCatalogue_GivesTheSameBytes(string name, string option, string value)
    {
        var learner = Learner(name, s_ids.Length, (option, value));
        var values = learner.Initialize(1);

        var plan = ParameterTransfer.Plan(learner, s_ids, learner, s_ids);

        Assert.Equal(values, plan.Carry(values, learner.Initialize(2)));
        Assert.Equal("4 of 4 items found there", plan.Summary);
    }

    [Fact]
    public void Carry_SomeItemsInAnotherOrder_TakesTheirRowsAndLeavesTheOthers()
    {
        var (source, target) = (Learner("mf", 4, ("dims", "2")), Learner("mf", 3, ("dims", "2")));
        float[] initial = [-1, -2, -3, -4, -5, -6];

        var plan = ParameterTransfer.Plan(source, s_ids, target, ["d", "new", "b"]);
        var carried = plan.Carry([1, 2, 3, 4, 5, 6, 7, 8], initial);

        Assert.Equal([7, 8, -3, -4, 3, 4], carried);
        Assert.Equal((2, 3), (plan.MatchedItems, plan.Items));
    }

    [Fact]
    public void Carry_FeaturesRenamedAndReordered_TakesColumnsByName()
    {
        var source = Towers(2, ["drama", "comedy"]);
        var target = Towers(3, ["war", "comedy", "drama"]);
        var values = source.Initialize(1);

        var plan = ParameterTransfer.Plan(source, ["a", "b"], target, ["x", "y", "z"]); // no shared item: features alone
        var carried = plan.Carry(values, target.Initialize(2));

        var (from, to) = (Block(source, "item1_weights", values), Block(target, "item1_weights", carried));
        var initial = Block(target, "item1_weights", target.Initialize(2));
        Assert.Equal([.. from[..3], initial[3], from[4], from[3]], to[..6]); // 3 dims, then the features of the first unit
        Assert.Equal(Block(source, "user3_weights", values), Block(target, "user3_weights", carried));
        Assert.Equal(Block(target, "item_embeddings", target.Initialize(2)), Block(target, "item_embeddings", carried));
        Assert.Equal("0 of 3 items and 4 of 6 feature columns found there", plan.Summary); // of both towers
    }

    [Fact]
    public void Carry_TowersThatArePrepared_ArePreparedAnewAndKnowTheirItems()
    {
        var learner = Towers(2, ["drama"]);
        var values = learner.Initialize(1);
        values[learner.Parameters.Offset(TwoTowerShape.Known) + 1] = values[learner.Parameters.Offset(TwoTowerShape.Prepared)] = 1;

        var carried = ParameterTransfer.Plan(learner, ["a", "b"], learner, ["b", "c"]).Carry(values, learner.Initialize(2));

        Assert.Equal("statistics", learner.PhaseOf(carried).Name);
        Assert.Equal([1, 0], Block(learner, "known", carried));
    }

    [Fact]
    public void Plan_NothingInCommon_SaysSo() =>
        Refused("None of the 2 items of this catalogue is in the other one", Learner("mf", 4), s_ids, Learner("mf", 2), ["x", "y"]);

    [Fact]
    public void Plan_AnotherLearner_SaysSo() =>
        Refused("one of the learner mf, but this run trains ncf", Learner("mf", 4), s_ids, Learner("ncf", 4), s_ids);

    [Fact]
    public void Plan_OtherDims_SaysWhichBlockDiffers() =>
        Refused("item_factors is 4 × 2, but 4 × 3 in the other version", Learner("mf", 4, ("dims", "3")), s_ids, Learner("mf", 4, ("dims", "2")), s_ids);

    [Fact]
    public void Plan_SketchedCounts_SaysThatTheyAreOfOneCatalogue() =>
        Refused("Parameters of ease hold for one catalogue", Learner("ease", 4, ("sketch", "2")), s_ids, Learner("ease", 4, ("sketch", "2")), s_ids);

    [Fact]
    public void Carry_PairCounts_GoWithBothItems()
    {
        var (source, target) = (Learner("ease", 3, ("lambda", "500")), Learner("ease", 4, ("lambda", "500")));

        var carried = ParameterTransfer.Plan(source, ["a", "b", "c"], target, ["c", "new", "a", "b"]).Carry([11, 12, 13, 22, 23, 33, 500, 1], target.Initialize(1));

        Assert.Equal([33, 0, 13, 23, 0, 0, 0, 11, 12, 22, 500, 1], carried);
    }

    [Fact]
    public void Plan_KeysThatAreNotUnique_MatchNothing()
    {
        var learner = Learner("mf", 3, ("dims", "2"));

        var plan = ParameterTransfer.Plan(learner, [null, null, "c"], learner, [null, "c", null]);

        Assert.Equal(1, plan.MatchedItems);
    }

    private static void Refused(string expected, ILearner source, string[] sourceItems, ILearner target, string[] targetItems)
    {
        var error = Assert.Throws<ArgumentException>(() => ParameterTransfer.Plan(source, sourceItems, target, targetItems));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static float[] Block(TwoTower learner, string name, float[] values)
    {
        var block = learner.Parameters.Blocks.ToList().FindIndex(one => one.Name == name);
        return values.AsSpan(learner.Parameters.Offset(block), learner.Parameters.Blocks[block].Length).ToArray();
    }

    private static ILearner Learner(string name, int items, params (string Key, string Value)[] options) =>
        LearnerRegistry.Create(name, options.ToDictionary(option => option.Key, option => option.Value), new FederationShape(items, HasRatings: true, RatingScale: (1, 5)));

    private static TwoTower Towers(int items, string[] tags) => new(new TwoTowerOptions { Dims = 3, HiddenUnits = 2 }, new FederationShape(items)
    {
        ItemFeatures = new FeatureTable(new FeatureSchema([.. tags.Select(FeatureColumn.Numeric)]), new float[items * tags.Length]),
    });
}
