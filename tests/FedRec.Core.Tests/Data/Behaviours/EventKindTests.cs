using FedRec.Core.Data;
using FedRec.Core.Data.Behaviours;
using FedRec.Core.Data.Cleaning;

namespace FedRec.Core.Tests.Data.Behaviours;

public sealed class EventKindTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("view", EventKind.View)]
    [InlineData("PV", EventKind.View)]
    [InlineData("Click", EventKind.Click)]
    [InlineData("add_to_cart", EventKind.Cart)]
    [InlineData("addtocart", EventKind.Cart)]
    [InlineData("Add to cart", EventKind.Cart)]
    [InlineData("rating", EventKind.Rating)]
    [InlineData("transaction", EventKind.Purchase)]
    [InlineData("BUY", EventKind.Purchase)]
    [InlineData("order", EventKind.Purchase)]
    public void TryParse_WordsOfTheField_FindsTheKind(string word, EventKind expected)
    {
        Assert.True(EventKinds.TryParse(word, out var kind));
        Assert.Equal(expected, kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("returned")]
    [InlineData("a word that is longer than every word of the field")]
    public void TryParse_OtherWords_FindsNone(string word) => Assert.False(EventKinds.TryParse(word, out _));

    [Theory]
    [InlineData("kind")]
    [InlineData("event")]
    [InlineData("event_type")]
    [InlineData("behavior")]
    [InlineData("behaviour_type")]
    [InlineData("action")]
    public void Open_ColumnOfKinds_IsRecognised(string column)
    {
        var data = Open($"user,item,{column}\na,x,view\na,y,buy\na,z,buy\n");

        Assert.Equal("a: x y", data.Show(data.Train));
        Assert.Equal([EventKind.View, EventKind.Purchase], data.Train.Kinds(0).ToArray());
        Assert.Equal([0.25f, 1f], data.Train.Weights(0).ToArray());
    }

    [Fact]
    public void Open_UnknownOrMissingKind_IsABadRowWithLineAndValue()
    {
        var data = Open("user,item,kind\na,x,view\na,y,teleport\nb,x,\na,z,view\n", badRows: 0.5);

        Assert.Equal(2, data.Report.BadRows);
        Assert.Equal([3L, 4L], data.Report.Examples.Select(bad => bad.Line));
        Assert.Contains("the kind 'teleport' is none of view, click, cart, rating, purchase", data.Report.Examples[0].Reason, StringComparison.Ordinal);
        Assert.Contains("the kind is missing", data.Report.Examples[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EventsOfOneItem_KeepsTheLatestOfTheStrongestKind()
    {
        var data = Open("user,item,timestamp,kind\na,x,1,buy\na,x,3,buy\na,x,9,view\na,y,2,view\na,z,20,view\na,w,4,buy\n");

        Assert.Equal("a: x y z", data.Show(data.Train)); // w is the last purchase, although z was viewed later
        Assert.Equal("a: w", data.Show(data.Test));
        Assert.Equal([3L, 2L, 20L], data.Train.Timestamps(0).ToArray());
        Assert.Equal([EventKind.Purchase, EventKind.View, EventKind.View], data.Train.Kinds(0).ToArray());
        Assert.Equal(2, data.Report.Duplicates);
        Assert.Contains("leave-last-out by time within each user's strongest kind of event", data.Protocol, StringComparison.Ordinal);
        Assert.Contains("view 0.25, purchase 1", data.Protocol, StringComparison.Ordinal);
        Assert.Equal([new("view", 3, 2, 0.25f), new("purchase", 3, 2, 1)], data.Report.Kinds);
    }

    [Fact]
    public void Open_UserWithoutPurchases_HoldsTheLastOfItsOwnStrongestKindOut()
    {
        var data = Open("user,item,timestamp,kind\na,x,1,buy\na,y,2,buy\nb,x,1,cart\nb,y,2,cart\nb,z,3,view\n");

        Assert.Equal("a: y; b: y", data.Show(data.Test));
    }

    [Fact]
    public void Open_OtherWeights_HoldTheSameOutAndZeroLeavesAKindOut()
    {
        const string Rows = "user,item,timestamp,kind\na,x,1,buy\na,y,2,buy\na,v,3,view\nb,v,1,view\nb,w,2,view\n";

        var (all, purchases) = (Open(Rows), Open(Rows, weights: "view=0,purchase=4"));

        Assert.Equal(all.Show(all.Test), purchases.Show(purchases.Test));
        Assert.Equal("a: x", purchases.Show(purchases.Train));
        Assert.Equal([4f], purchases.Train.Weights(0).ToArray());
    }

    [Fact]
    public void Open_WeightIsTheLargestOfTheEvents()
    {
        var data = Open("user,item,timestamp,kind\na,x,1,view\na,x,2,buy\na,z,3,buy\n", weights: "view=3,purchase=2");

        Assert.Equal([3f], data.Train.Weights(0).ToArray());
        Assert.Equal([EventKind.Purchase], data.Train.Kinds(0).ToArray());
    }

    [Theory]
    [InlineData("view")]
    [InlineData("buy")]
    public void Open_OneKindOnly_TrainsAsWithoutKinds(string kind)
    {
        var data = Open($"user,item,kind\na,x,{kind}\na,y,{kind}\n");

        Assert.False(data.Train.HasWeights);
    }

    [Fact]
    public void Open_RatingsOfSomeKindsOnly_AreNotUsedAndCounted()
    {
        var data = Open("user,item,rating,kind\na,x,5,rating\na,y,,view\na,z,,view\n");

        Assert.False(data.Train.HasRatings);
        Assert.Contains("2 rows of other kinds have no rating", data.Report.Notes.Single(), StringComparison.Ordinal);
        Assert.Equal(1, Open("user,item,rating,kind\na,x,,rating\na,y,,view\na,z,,view\n", badRows: 0.5).Report.BadRows);
    }

    [Fact]
    public void Open_Cleaned_KeepsKindsAndTakesOnlyEventsOfOneKindForRepeats()
    {
        var file = _folder.Write("a.csv", "user,item,timestamp,kind\na,x,1700000000,view\na,x,1700000001,view\na,x,1700000002,buy\na,y,1700000003,buy\na,z,1700000004,view\n");

        var data = DatasetSource.Open(new DatasetOptions { Path = file, Clean = CleaningRules.Duplicates });

        Assert.Equal(("a: x z", "a: y"), (data.Show(data.Train), data.Show(data.Test)));
        Assert.Equal([1f, 0.25f], data.Train.Weights(0).ToArray());
        Assert.Equal(1, data.Report.Removed!.Duplicates);
        Assert.Equal(1, data.Report.Duplicates); // the view and the purchase of x are one interaction
    }

    [Fact]
    public void After_Changes_KeepTheWeightsOfTheRest()
    {
        var data = Open("user,item,timestamp,kind\na,x,1,view\na,y,2,buy\na,z,3,buy\n");

        var changed = ClientPartition.PerUser(data).Client(0).After([new ItemChange(0, 2, 0, ItemChangeKind.Added), new ItemChange(0, 1, 0, ItemChangeKind.Removed)]);

        Assert.Equal([0, 2], changed.Items(0).ToArray());
        Assert.Equal([0.25f, 1f], changed.Weights(0).ToArray());
    }

    private Dataset Open(string content, string? weights = null, double badRows = 0.01) =>
        DatasetSource.Open(new DatasetOptions { Path = _folder.Write("a.csv", content), KindWeights = weights, MaxBadRowShare = badRows });
}
