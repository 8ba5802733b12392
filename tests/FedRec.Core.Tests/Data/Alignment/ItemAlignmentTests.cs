using FedRec.Core.Data;
using FedRec.Core.Data.Alignment;

namespace FedRec.Core.Tests.Data.Alignment;

public sealed class ItemAlignmentTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public ItemAlignmentTests() => _folder.Write("salt", "a secret of the parties, made up for tests");

    private string Output => Path.Combine(_folder.Path, "out");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_ThreePartiesThatNameTheSameItemsDifferently_TrainAsOneCatalogue()
    {
        WriteThree();

        var report = ItemAlignment.Run(Options());
        var data = DatasetSource.Open(new DatasetOptions { Path = Output });

        Assert.Equal([new("north", "south", 2), new("north", "west", 1), new("south", "west", 1)], report.Pairs);
        Assert.Equal((2, 1, 4), (report.Shared, report.SharedByAll, report.Items));
        Assert.Equal(
            [new("north", 2, 2, 0, 0, 0, 2, 0), new("south", 3, 2, 1, 0, 0, 3, 0), new("west", 2, 1, 1, 0, 0, 2, 0)],
            report.Parties);
        Assert.Equal(4, data.Items.Count);
        Assert.Equal(["north", "south", "west"], data.Parties!.Names);
        Assert.Equal("north/ann: Alien (1979), Up (2009); south/ann: Alien (1979), Brazil, Up (2009); west/cem: Alien (1979), Cube", Titles(data));
        Assert.All(Enumerable.Range(0, 4), item => Assert.Matches("^[0-9a-f]{32}$", data.Items[item]));
    }

    [Fact]
    public void Run_DroppingUnmatched_KeepsSharedItemsOnlyAndCountsTheRest()
    {
        WriteThree();

        var report = ItemAlignment.Run(Options() with { DropUnmatched = true });

        Assert.Equal([0, 1, 1], report.Parties.Select(party => party.Dropped));
        Assert.Equal([2, 2, 1], report.Parties.Select(party => party.Interactions));
        Assert.Equal(2, DatasetSource.Open(new DatasetOptions { Path = Output }).Items.Count);
    }

    [Fact]
    public void Run_OnOneFileOfInteractionsCutInTwo_GivesBackItsInteractions()
    {
        Write("a", "user,item,rating,timestamp\nann,I-1,5,10\nann,I-2,4,11\n", null);
        Write("b", "user,item,rating,timestamp\nbob,i1,3,12\nbob,i 2,2,13\n", null);

        ItemAlignment.Run(Options() with { ById = true });
        var data = DatasetSource.Open(new DatasetOptions { Path = Output });

        Assert.Equal((2, 2), (data.Items.Count, data.Users.Count));
        Assert.Equal([5f, 3f], Enumerable.Range(0, 2).Select(user => data.Train.Ratings(user)[0]));
        Assert.Equal(data.Train.Items(0).ToArray(), data.Train.Items(1).ToArray());
        Assert.Equal(data.Test.Items(0).ToArray(), data.Test.Items(1).ToArray());
    }

    [Fact]
    public void Run_TwoItemsOfOnePartyCalledAlike_AreCountedAndNotMerged()
    {
        Write("a", "user,item\nann,1\nann,2\nann,3\n", "item,title\n1,Crash\n2,CRASH\n3,Up\n");
        Write("b", "user,item\nbob,7\nbob,8\n", "item,title\n7,Crash\n8,Up\n");

        var report = ItemAlignment.Run(Options());
        var data = DatasetSource.Open(new DatasetOptions { Path = Output });

        Assert.Equal((2, 0), (report.Parties[0].Collisions, report.Parties[1].Collisions));
        Assert.Equal((1, 2, 1), (report.Parties[0].Matched, report.Parties[0].Unmatched, report.Shared));
        Assert.Equal((4, report.Items), (data.Items.Count, data.Items.Count)); // two of a, one of b, and Up
    }

    [Fact]
    public void Run_HashesThatAreTooShort_CollideAndLoseNoInteraction()
    {
        Write("a", "user,item\n" + string.Concat(Enumerable.Range(0, 40).Select(item => $"ann,a{item}\n")), null);
        Write("b", "user,item\n" + string.Concat(Enumerable.Range(0, 40).Select(item => $"bob,b{item}\n")), null);

        using var salt = new SharedSecret([.. Enumerable.Range(0, 32).Select(value => (byte)value)]);
        var report = ItemAlignment.Run(Options() with { ById = true }, new ItemHasher(salt, bits: 4));
        var data = DatasetSource.Open(new DatasetOptions { Path = Output });

        Assert.All(report.Parties, party => Assert.InRange(party.Collisions, 24, 40)); // 40 items, 16 hashes
        Assert.All(report.Parties, party => Assert.Equal(40, party.Matched + party.Unmatched));
        Assert.Equal((0, 80), (data.Report.Duplicates, data.Report.Rows));
        Assert.Equal(report.Items, data.Items.Count);
    }

    [Fact]
    public void Run_DisjointCatalogues_IsACountedOutcomeOrAnError()
    {
        Write("a", "user,item\nann,1\nann,2\n", "item,title\n1,Alien\n2,Up\n");
        Write("b", "user,item\nbob,1\nbob,2\n", "item,title\n1,Brazil\n2,Cube\n");

        var error = Assert.Throws<DatasetException>(() => ItemAlignment.Run(Options() with { DropUnmatched = true }));
        var report = ItemAlignment.Run(Options());

        Assert.Equal(("No two parties share an item, so that nothing of it would be left.", "Keep unmatched items, compare ids instead of titles, or leave out what does not belong."), (error.What, error.Next));
        Assert.Equal((0, 0, 4), (report.Shared, report.SharedByAll, report.Items));
        Assert.Equal(4, DatasetSource.Open(new DatasetOptions { Path = Output }).Items.Count);
    }

    [Fact]
    public void Run_ItemsWithoutTitle_AreCountedAndKeptApart()
    {
        Write("a", "user,item\nann,1\nann,2\n", "item,title\n1,Alien\n");
        Write("b", "user,item\nbob,2\nbob,3\n", "item,title\n3,Alien\n");

        var report = ItemAlignment.Run(Options());

        Assert.Equal([1, 1], report.Parties.Select(party => party.WithoutKey));
        Assert.Equal(3, DatasetSource.Open(new DatasetOptions { Path = Output }).Items.Count);
    }

    [Fact]
    public void Run_APartyWithoutTitles_NamesItAndTheOtherKey()
    {
        Write("a", "user,item\nann,1\n", "item,title\n1,Alien\n");
        Write("b", "user,item\nbob,1\n", null);

        var error = Assert.Throws<DatasetException>(() => ItemAlignment.Run(Options()));

        Assert.EndsWith("b", error.File, StringComparison.Ordinal);
        Assert.Contains("compare ids", error.Next, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Output));
    }

    [Fact]
    public void Run_OneParty_IsRefused()
    {
        Write("a", "user,item\nann,1\n", null);

        Assert.Equal("The folder holds 1 parties.", Assert.Throws<DatasetException>(() => ItemAlignment.Run(Options())).What);
    }

    [Fact]
    public void Overlap_OfAnyParties_IgnoresTheirOrder()
    {
        IReadOnlySet<string>[] sets = [new HashSet<string> { "1", "2" }, new HashSet<string> { "2", "3" }, new HashSet<string> { "2", "1" }];

        var (one, other) = (ItemOverlap.Of(sets), ItemOverlap.Of([.. sets.Reverse()]));

        Assert.Equal((2, 1), (one.Shared, one.SharedByAll));
        Assert.Equal((one.Shared, one.SharedByAll), (other.Shared, other.SharedByAll));
        Assert.Equal([1, 2, 1], one.Pairs.Select(pair => pair.Shared));
        Assert.Equal([1, 2, 1], other.Pairs.Select(pair => pair.Shared));
    }

    private AlignmentOptions Options() => new(Path.Combine(_folder.Path, "in"), Path.Combine(_folder.Path, "salt"), Output);

    private void WriteThree()
    {
        Write("north", "user,item\nann,1\nann,2\n", "item,title\n1,Alien (1979)\n2,Up (2009)\n");
        Write("south", "user,item\nann,a\nann,b\nann,c\n", "id,item,name,year\n1,a,ALIEN,1979\n2,b,Brazil,\n3,c,UP!,2009\n");
        Write("west", "user,item\ncem,1\ncem,x\n", "item,title\n1,Cube\nx,\"alien, 1979\"\n");
    }

    private void Write(string party, string rows, string? items)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "in", party));
        _folder.Write($"in/{party}/interactions.csv", rows);
        if (items is not null)
        {
            _folder.Write($"in/{party}/items.csv", items);
        }
    }

    private static string Titles(Dataset data) => string.Join("; ",
        from user in Enumerable.Range(0, data.Users.Count)
        let items = data.Train.Items(user).ToArray().Concat(data.Test.Items(user).ToArray())
        select $"{data.Users[user]}: {string.Join(", ", items.Select(item => data.Catalogue.Titles[item]).Order(StringComparer.Ordinal))}");
}
