using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data;

public sealed class ReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.csv", "user,item,rating,timestamp\nann,x,4,1\nann,y,5,2\nbob,x,1,3\n")]
    [InlineData("a.csv", "\uFEFFuserId,movieId,rating,timestamp\r\nann,x,4,1\r\n\r\nann,y,5,2\r\nbob,x,1,3\r\n")]
    [InlineData("a.csv", "rating;Product ID;TS;Customer_Id\n4;x;1;ann\n5;y;2;ann\n1;x;3;bob")]
    [InlineData("a.csv", "ignored,item,user,stars,time\nq,\"x\",\"ann\",4,1\n\"q,\n\"\"q\",y,ann,5,2\nq, x , bob ,1,3\n")]
    [InlineData("a.tsv", "user\titem\tscore\tdate\nann\tx\t4\t1970-01-01T00:00:01Z\nann\ty\t5\t1970-01-01 00:00:02\nbob\tx\t1\t3\n")]
    [InlineData("a.inter", "user_id:token\titem_id:token\trating:float\ttimestamp:float\nann\tx\t4\t1\nann\ty\t5\t2\nbob\tx\t1\t3\n")]
    [InlineData("u.data", "ann\tx\t4\t1\nann\ty\t5\t2\nbob\tx\t1\t3\n")]
    [InlineData("ratings.dat", "ann::x::4::1\nann::y::5::2\nbob::x::1::3")]
    [InlineData("other.txt", "ann::x::4::1\n\nann::y::5::2\nbob::x::1::3\n")]
    public void Open_TheSameRowsInAnyFormat_GivesTheSameData(string name, string content)
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write(name, content) });

        Assert.Equal("ann: x; bob: x", data.Show(data.Train));
        Assert.Equal("ann: y", data.Show(data.Test));
        Assert.Equal((4f, 5f, 1f), (data.Train.Ratings(0)[0], data.Test.Ratings(0)[0], data.Train.Ratings(1)[0]));
        Assert.Equal((1L, 2L, 3L), (data.Train.Timestamps(0)[0], data.Test.Timestamps(0)[0], data.Train.Timestamps(1)[0]));
        Assert.Equal((3L, 0L, 0L), (data.Report.Rows, data.Report.BadRows, data.Report.Duplicates));
    }

    [Fact]
    public void Open_FileWithNumbersOnlyAndTabs_IsReadAsMovieLens()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write("ua.base", "1\t10\t5\t1\n1\t11\t3\t2\n") });

        Assert.Equal(("ua", "1: 10", "1: 11"), (data.Name, data.Show(data.Train), data.Show(data.Test)));
    }

    [Fact]
    public void Open_WithoutRatingAndTime_HasNeither()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write("a.csv", "user,item\nann,x\nann,y\n") });

        Assert.True(data.Train.Ratings(0).IsEmpty);
        Assert.True(data.Train.Timestamps(0).IsEmpty);
    }

    [Fact]
    public void Open_Folder_FindsTheKnownFileAndIsNamedAfterIt()
    {
        _folder.Write("README", "not data");
        _folder.Write("ratings.csv", "userId,movieId\nann,x\nann,y\n");

        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Path });

        Assert.Equal(Path.GetFileName(_folder.Path), data.Name);
        Assert.Equal("ann: x", data.Show(data.Train));
    }

    [Theory]
    [InlineData("items.csv", "item,title,tags\nx,\"Ex, the \"\"first\"\"\",one|two\nz,not there,\n")]
    [InlineData("movies.csv", "movieId,title,genres\nx,\"Ex, the \"\"first\"\"\",one|two\ny,,(no genres listed)\n")]
    [InlineData("movies.dat", "x::Ex, the \"first\"::one|two\n")]
    [InlineData("u.item", "x|Ex, the \"first\"|01-Jan-1995||url|0|1|1\n")]
    public void Open_ListOfItemsBesideIt_GivesTitlesAndTags(string name, string content)
    {
        _folder.Write("u.genre", "unknown|0\none|1\ntwo|2\n");
        _folder.Write(name, content);

        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write("a.csv", "user,item\nann,x\nann,y\n") });

        Assert.Equal(["Ex, the \"first\"", "y"], data.Catalogue.Titles);
        Assert.Equal(["one", "two"], data.Catalogue.Tags[0]);
        Assert.Empty(data.Catalogue.Tags[1]);
    }

    [Fact]
    public void Open_Latin1Titles_AreReadAsLatin1()
    {
        _folder.Write("movies.dat", "x::Caf\u00e9::\n"u8.ToArray());
        var utf8 = DatasetSource.Open(new DatasetOptions { Path = _folder.Write("a.csv", "user,item\nann,x\n") }).Catalogue.Titles[0];
        _folder.Write("movies.dat", [(byte)'x', (byte)':', (byte)':', (byte)'C', (byte)'a', (byte)'f', 0xE9, (byte)':', (byte)':']);

        var latin1 = DatasetSource.Open(new DatasetOptions { Path = Path.Combine(_folder.Path, "a.csv") }).Catalogue.Titles[0];

        Assert.Equal(("Café", "Café"), (utf8, latin1));
    }

    [Fact]
    public void Open_Twice_GivesEqualData()
    {
        var file = _folder.Write("a.csv", "user,item,rating,timestamp\nb,y,1,5\na,x,2,4\nb,x,3,4\na,z,4,9\nb,y,2,6\n");
        var options = new DatasetOptions { Path = file, HoldOutValidation = true };

        Assert.Equal(DatasetSource.Open(options).Fingerprint(), DatasetSource.Open(options).Fingerprint());
    }
}
