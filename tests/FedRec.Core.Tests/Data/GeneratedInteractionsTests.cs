using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data;

public sealed class GeneratedInteractionsTests
{
    [Fact]
    public void ToDataset_OfParties_KnowsWhoseTheUsersAreAndHoldsNoContextOut()
    {
        var rows = new GeneratedInteractions("visits");
        rows.Describe("x", "X-ray", ["procedure"]);
        rows.Describe("old", "over 60", ["age"], isContext: true);
        rows.Add("anna", "x", 1, party: "south");
        rows.Add("anna", "y", 2, party: "south");
        rows.Add("anna", "old", 3, party: "south"); // the last one, but no item to find
        rows.Add("bert", "x", 1, party: "north");

        var data = rows.ToDataset();

        Assert.Equal(["X-ray", "y", "over 60"], data.Catalogue.Titles);
        Assert.Equal(["north", "south"], data.Parties!.Names);
        Assert.Equal([1, 0], Enumerable.Range(0, 2).Select(data.Parties.Of));
        Assert.Equal([1], data.Test.Items(0).ToArray());
    }

    [Fact]
    public void ToDataset_RowsThatSayWhatIsHeldOut_AreSplitAsTheySay()
    {
        var rows = new GeneratedInteractions("reads");
        rows.Add("anna", "x", 1, isHeldOut: true);
        rows.Add("anna", "y", 2, isHeldOut: false);

        var data = rows.ToDataset();

        Assert.Equal([1], data.Train.Items(0).ToArray());
        Assert.Equal([0], data.Test.Items(0).ToArray());
    }

    [Fact]
    public void Add_RowsThatContradictEachOther_AreRefused()
    {
        var rows = new GeneratedInteractions("visits");
        rows.Add("anna", "x", 1, party: "south");

        Assert.Contains("anna is of south already", Assert.Throws<ArgumentException>(() => rows.Add("anna", "y", 2, party: "north")).Message, StringComparison.Ordinal);
        Assert.Contains("names no party, but rows before it do", Assert.Throws<ArgumentException>(() => rows.Add("bert", "y", 2)).Message, StringComparison.Ordinal);
        Assert.Contains("other columns", Assert.Throws<ArgumentException>(() => rows.Add("bert", "y", party: "north")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => rows.Write("visits.csv"));
    }
}
