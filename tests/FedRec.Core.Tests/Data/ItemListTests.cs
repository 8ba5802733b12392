using FedRec.Core.Data;
using FedRec.Core.Data.Readers;

namespace FedRec.Core.Tests.Data;

/// <summary>Lists of items as people write them.</summary>
public sealed class ItemListTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("id,title,tags\n1,Amélie,Comedy|Romance\n")]
    [InlineData("item_id,name,genres\n1,Amélie,Comedy|Romance\n")]
    [InlineData("Id,Title,Category\n1,Amélie,Comedy|Romance\n")]
    public void Open_ListUnderAUsualName_GivesTitlesAndTags(string list)
    {
        var data = Open(list);

        Assert.Equal("Amélie", data.Catalogue.Titles[0]);
        Assert.Equal(["Comedy", "Romance"], data.Catalogue.Tags[0]);
    }

    [Fact]
    public void Open_ListInTheEncodingOfExcel_GivesTitlesUndamaged()
    {
        _folder.Write("items.csv", [.. "item,title\n1,Am"u8, 0xE9, .. "lie "u8, 0x93, .. "Br"u8, 0xFC, .. "no"u8, 0x94, (byte)'\n']);

        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write("ratings.csv", "user,item\na,1\na,2\nb,1\nb,2\n") });

        Assert.Equal("Amélie “Brüno”", data.Catalogue.Titles[0]);
        Assert.Contains("items.csv is not UTF-8 and is read as Windows-1252; --encoding says otherwise.", data.Report.Notes);
    }

    [Theory]
    [InlineData("items.csv", "item,title\n1,Škoda\n", "iso-8859-2", "iso-8859-2")]
    [InlineData("items.csv", "item,title\n1,日本\n", "shift_jis", "shift_jis")]
    [InlineData("items.csv", "item,title\n1,日本\n", "utf-16", "utf-16")]
    [InlineData("items.csv", "item,title\n1,日本\n", "utf-8", "latin1")] // what is UTF-8 is never damaged
    [InlineData("movies.dat", "1::Škoda::Drama\n", "iso-8859-2", "iso-8859-2")]
    [InlineData("u.item", "1|Škoda||||0\n", "iso-8859-2", "iso-8859-2")]
    public void Open_ListInTheEncodingThatIsGiven_GivesTitlesUndamagedWithoutANote(string name, string list, string written, string given)
    {
        _folder.Write(name, TextEncodings.Find(written).GetBytes(list));
        var ratings = _folder.Write("ratings.csv", TextEncodings.Find(given).GetBytes("user,item\na,1\na,2\nb,1\nb,2\n"));

        var data = DatasetSource.Open(new DatasetOptions { Path = ratings, Reading = new ReadingOptions { Encoding = given } });

        Assert.Equal(list.Contains('Š', StringComparison.Ordinal) ? "Škoda" : "日本", data.Catalogue.Titles[0]);
        Assert.Empty(data.Report.Notes);
    }

    [Fact]
    public void Open_ListOfUsersThatIsNotUtf8_IsReadLikeThatOfItems()
    {
        var users = Enumerable.Range(0, 20).ToArray(); // a word must be that of several
        _folder.Write("users.csv", System.Text.Encoding.Latin1.GetBytes("user,town\n" + string.Concat(users.Select(user => $"{user},Köln\n"))));

        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write("ratings.csv", "user,item\n" + string.Concat(users.Select(user => $"{user},1\n{user},2\n"))) });

        Assert.Contains("users.csv is not UTF-8 and is read as Windows-1252; --encoding says otherwise.", data.Report.Notes);
        Assert.Equal(["Köln"], Assert.Single(data.Train.Features!.Schema.Columns).Vocabulary);
    }

    [Fact]
    public void Open_ListWithBothItemAndId_TakesTheItem() => Assert.Equal("right", Open("id,item,title\n1,2,wrong\n7,1,right\n").Catalogue.Titles[0]);

    [Fact]
    public void Open_ListWithoutAColumnForTheItem_SaysSo()
    {
        var error = Assert.Throws<DatasetException>(() => Open("number,title\n1,Amélie\n"));

        Assert.Contains("items.csv", error.Message, StringComparison.Ordinal);
        Assert.Contains("no column for the item; its columns are 'number', 'title'", error.Message, StringComparison.Ordinal);
    }

    private Dataset Open(string list)
    {
        _folder.Write("items.csv", list);
        return DatasetSource.Open(new DatasetOptions { Path = _folder.Write("ratings.csv", "user,item\na,1\na,2\nb,1\nb,2\n") });
    }
}
