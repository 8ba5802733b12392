using FedRec.Core.Data;
using FedRec.Core.Data.Behaviours;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Data.Behaviours;

public sealed class KindWeightsTests
{
    [Theory]
    [InlineData(EventKind.Purchase, new[] { 0.25f, 0.5f, 0.75f, 1, 1 })]
    [InlineData(EventKind.Click, new[] { 0.5f, 1, 1, 1, 1 })]
    [InlineData(EventKind.View, new float[] { 1, 1, 1, 1, 1 })]
    public void Parse_Nothing_LetsTheStrongestKindCountOne(EventKind strongest, float[] expected) =>
        Assert.Equal(expected, EventKinds.All.Select(kind => KindWeights.Parse(null, strongest)[kind]));

    [Fact]
    public void Parse_SomeKinds_LeavesTheDefaultsOfTheOthers()
    {
        var weights = KindWeights.Parse(" View = 0 , add_to_cart=2.5", EventKind.Purchase);

        Assert.Equal([0, 0.5f, 2.5f, 1, 1], EventKinds.All.Select(kind => weights[kind]));
    }

    [Theory]
    [InlineData("view", "kind=weight")]
    [InlineData("view=1,", "kind=weight")]
    [InlineData("stare=1", "'stare=1'")]
    [InlineData("view=-1", "'-1'; it must be a number from 0 to 1000")]
    [InlineData("view=NaN", "'NaN'")]
    [InlineData("view=Infinity", "'Infinity'")]
    [InlineData("view=1001", "'1001'")]
    [InlineData("view=much", "'much'")]
    [InlineData("view=1,pv=2", "view twice")]
    [InlineData("view=0,click=0,cart=0,rating=0,purchase=0", "leave every kind out")]
    public void Open_WrongWeights_SaysWhatIsWrong(string text, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => DatasetSource.Open(new DatasetOptions { KindWeights = text }));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WeightsForDataWithoutKinds_IsRefused()
    {
        var error = Assert.Throws<ArgumentException>(() => MadeUpData.Open(new DatasetOptions { SyntheticUsers = 20, SyntheticItems = 20, KindWeights = "view=0.5" }));

        Assert.Contains("need data with kinds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WeightsThatLeaveNothingToTrainOn_IsRefused()
    {
        using var folder = new TempFolder();
        var options = new DatasetOptions { Path = folder.Write("a.csv", "user,item,kind\na,x,view\na,y,view\n"), KindWeights = "view=0" };

        Assert.Contains("no interaction for training", Assert.Throws<ArgumentException>(() => DatasetSource.Open(options)).Message, StringComparison.Ordinal);
    }
}
