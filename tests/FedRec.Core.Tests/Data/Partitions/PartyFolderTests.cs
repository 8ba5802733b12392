using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data.Partitions;

public sealed class PartyFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_FolderOfParties_KeepsOnePersonOfTwoPartiesApartAndSharesTheItems()
    {
        Write("north", "user,item,timestamp\nann,x,1\nann,y,2\nbob,x,3\n");
        Write("south", "user,item,timestamp\nann,y,1\nann,z,5\n");

        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Path });

        Assert.Equal("north/ann: x; north/bob: x; south/ann: y", data.Show(data.Train));
        Assert.Equal("north/ann: y; south/ann: z", data.Show(data.Test));
        Assert.Equal(["north", "south"], data.Parties!.Names);
        Assert.Equal([0, 0, 1], Enumerable.Range(0, 3).Select(data.Parties.Of));
        Assert.Equal([2, 1], Enumerable.Range(0, 2).Select(party => ClientPartition.ByParty(data).UsersOf(party).Length));
    }

    [Fact]
    public void Open_PartiesWithDifferentColumns_NamesTheParty()
    {
        Write("north", "user,item,timestamp\nann,x,1\n");
        Write("south", "user,item\nann,y\n");

        var error = Assert.Throws<DatasetException>(() => DatasetSource.Open(new DatasetOptions { Path = _folder.Path }));

        Assert.Contains("south", error.Message, StringComparison.Ordinal);
    }

    private void Write(string party, string content)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, party));
        _folder.Write(Path.Combine(party, "interactions.csv"), content);
    }
}
