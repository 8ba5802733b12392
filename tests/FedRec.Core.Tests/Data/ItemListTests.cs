using FedRec.Core.Data;

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
