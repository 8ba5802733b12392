using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data.Partitions;

public sealed class PartyColumnTests : IDisposable
{
    private const string North = "ann,x,1\nann,y,2\nbob,x,3\n";
    private const string South = "ann,y,1\nann,z,5\n";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("party")]
    [InlineData("Organisation")]
    [InlineData("hospital")]
    [InlineData("silo:token")]
    public void Open_ColumnOfParties_IsTheDatasetOfTheirFolders(string column)
    {
        var rows = string.Concat(Named(North, "north").Concat(Named(South, "south")));
        var file = _folder.Write("a.csv", $"user,item,timestamp,{column}\n{rows}");
        WriteFolder("north", North);
        WriteFolder("south", South);

        var (read, folders) = (Open(file), Open(Path.Combine(_folder.Path, "parties")));

        Assert.Equal(folders.Fingerprint(), read.Fingerprint());
        Assert.Equal(folders.Parties!.Names, read.Parties!.Names);
        Assert.Equal("north/ann: x; north/bob: x; south/ann: y", read.Show(read.Train));
        Assert.Equal([2, 1], Enumerable.Range(0, 2).Select(party => ClientPartition.ByParty(read).UsersOf(party).Length));
    }

    [Fact]
    public async Task Open_ColumnOfPartiesInParquet_IsThatOfTheCsv()
    {
        var csv = _folder.Write("a.csv", "user,item,party\nann,x,north\nann,y,south\n");
        var parquet = Path.Combine(_folder.Path, "a.parquet");
        await ParquetFile.WriteAsync(parquet, ("user", new[] { "ann", "ann" }), ("item", new[] { "x", "y" }), ("party", new[] { "north", "south" }));

        var (expected, read) = (Open(csv), Open(parquet));

        Assert.Equal(expected.Fingerprint(), read.Fingerprint());
        Assert.Equal(expected.Parties!.Names, read.Parties!.Names);
    }

    [Theory]
    [InlineData("", "the party is missing")]
    [InlineData("a/b", "the party 'a/b' has a / in its name")]
    public void Open_ARowWithoutAUsableParty_IsRefused(string party, string reason)
    {
        var file = _folder.Write("a.csv", $"user,item,party\nann,x,north\nbob,x,{party}\n");

        var bad = Assert.Single(DatasetSource.Open(new DatasetOptions { Path = file, MaxBadRowShare = 1 }).Report.Examples);

        Assert.Equal((3, reason), (bad.Line, bad.Reason));
    }

    [Fact]
    public void Open_FolderOfAPartyWithAColumnOfParties_IsRefused()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "parties", "north"));
        _folder.Write("parties/north/interactions.csv", "user,item,party\nann,x,east\nann,y,west\n");

        var error = Assert.Throws<DatasetException>(() => Open(Path.Combine(_folder.Path, "parties")));

        Assert.Contains("rows of 2 parties", error.What, StringComparison.Ordinal);
        Assert.EndsWith("north", error.File, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Named(string rows, string party) => rows.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => $"{row},{party}\n");

    private static Dataset Open(string path) => DatasetSource.Open(new DatasetOptions { Path = path });

    private void WriteFolder(string party, string rows)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "parties", party));
        _folder.Write($"parties/{party}/interactions.csv", "user,item,timestamp\n" + rows);
    }
}
