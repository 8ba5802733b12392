using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data.Readers;

/// <summary>Files as people publish them, each read as its maker meant it.</summary>
public sealed class PublishedFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("item,user,timestamp\n#dotnet,u1,100\n#orleans,u1,200\ncsharp,u1,50\n", "u1: #dotnet csharp | #orleans")] // # is data
    [InlineData("# made by hand\n# in May\nuser,item\nu,a\nu,b\n", "u: a | b")] // but not above the names of the columns
    [InlineData("#user,item\nu,a\nu,b\n", "u: a | b")]
    [InlineData("\n\nuser,item\nu,a\nu,b\n", "u: a | b")]
    [InlineData("user,item,timestamp\nu,late,2020-01-01T00:00:00.900Z\nu,mid,2020-01-01T00:00:00.500Z\nu,early,2020-01-01T00:00:00.100Z\n", "u: mid early | late")]
    [InlineData("event_time,event_type,product_id,category_id,user_id,user_session\n2019-10-28 00:00:00 UTC,view,p0,2,u,s\n2019-10-27 00:00:00 UTC,view,p1,2,u,s\n", "u: p1 | p0")] // REES46
    [InlineData("sessionId;userId;itemId;timeframe;eventdate\n1;1;10;1500;2016-05-09\n1;1;11;1600;2016-05-08\n", "1: 11 | 10")] // diginetica
    [InlineData("t_dat,customer_id,article_id,price,sales_channel_id\n2018-09-21,c,108,0.05,2\n2018-09-20,c,663,0.05,2\n", "c: 663 | 108")] // H&M
    [InlineData("user,item,seen\nu,late,2020-01-03\nu,early,2020-01-01\n", "u: early | late")] // a time by what is in it
    [InlineData("CustomerId,StockCode,InvoiceDate\n1,x,12/31/2010 8:26\n1,y,12/1/2010 8:26\n", "1: y | x")] // Online Retail
    [InlineData("user_id,user,item_id,item,date\n1,ann,10,x,2020-01-02\n1,ann,11,y,2020-01-01\n2,ann,12,z,2020-01-03\n", "1: 11; 2: 12 | 10")] // ids before names
    [InlineData("user_id,video_id,time\n1,3,2020-09-01 11:27:44\n1,2,2020-09-01 11:27:43.599\n", "1: 2 | 3")] // KuaiRec
    [InlineData("userID\tartistID\tweight\n2\t51\t13883\n2\t52\t11690\n", "2: 51 | 52")] // HetRec
    [InlineData("user item rating\n1 10 5\n1 11 3\n", "1: 10 | 11")]
    [InlineData("A1,B1,5.0,1400000000\nA2,B1,4.0,1400000100\nA1,B2,3.0,1300000200\n", "A1: B2; A2: B1 | B1")] // Amazon, ratings only
    [InlineData("1,2268318,2520377,pv,1511544070\n1,2333346,2520771,pv,1511561733\n", "1: 2268318 | 2333346")] // Taobao
    [InlineData("1 10 5 881250949\n1 11 3 881250948\n", "1: 11 | 10")]
    [InlineData("0 5 6 7\n1 5\n2 6 9 10 11\n", "0: 5 6; 1: 5; 2: 6 9 10 | 7 11")] // LightGCN
    [InlineData("{\"user\": \"u\", \"item\": \"a\"}\n{\"user\": \"u\", \"item\": \"b\"}\n", "u: a | b")]
    [InlineData("{\"reviewerID\": \"u\", \"asin\": \"b0\", \"overall\": 5.0, \"unixReviewTime\": 1400000009, \"helpful\": [0, 1]}\n{\"reviewerID\": \"u\", \"asin\": \"b1\", \"overall\": 4.5, \"unixReviewTime\": 1400000001}\n", "u: b1 | b0")]
    [InlineData("{\"book\": {\"a\": 1}, \"user_id\": 7, \"book_id\": 8, \"date_added\": \"Fri Aug 25 13:55:02 -0700 2017\"}\n{\"user_id\": 7, \"book_id\": 9, \"date_added\": \"Fri Aug 25 13:55:01 -0700 2017\"}\n", "7: 9 | 8")]
    public void Open_AFileAsItIsPublished_IsReadAsItIsMeant(string content, string expected)
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write("data.txt", content) });

        Assert.Equal(expected, $"{data.Show(data.Train)} | {Held(data)}");
        Assert.Equal(0, data.Report.BadRows);
    }

    [Theory]
    [InlineData("data.csv")]
    [InlineData("data.dat")]
    [InlineData("data.tsv")]
    [InlineData("data.inter")]
    [InlineData("data")]
    public void Open_ANameThatSaysAnotherFormat_IsNotBelieved(string name)
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write(name, "userID\tartistID\tweight\n2\t51\t13883\n2\t52\t11690\n") });

        Assert.Equal(("2: 51", "2: 52"), (data.Show(data.Train), data.Show(data.Test)));
    }

    [Theory]
    [InlineData("user,item,price\nu,a,1\n", "Columns that are not used: price.")]
    [InlineData("user_id,user,item\n1,ann,a\n", "The user is the column 'user_id' and not 'user'; --user-column says otherwise.")]
    [InlineData("user,item,seen\nu,a,2020-01-01\n", "The time is the column 'seen', by what is in it; --time-column says otherwise.")]
    [InlineData("user,item,seen,gone\nu,a,2020-01-01,2020-01-02\n", "Several columns hold times ('seen', 'gone'), and none of them is used: say which with --time-column.")]
    [InlineData("user,item,last_ts,first_ts\nu,a,1577836800,1577836801\n", "Several columns hold times ('last_ts', 'first_ts'), and none of them is used: say which with --time-column.")]
    [InlineData("# one\nuser,item\nu,a\n", "1 line above the names of the columns is passed over.")]
    [InlineData("1,2\n1,3\n", "No line names the columns: by their places and what is in them they are taken for user (1), item (2); --user-column, --item-column and so on say otherwise.")]
    [InlineData("1,2,1577836800\n", "No line names the columns: by their places and what is in them they are taken for user (1), item (2), time (3); --user-column, --item-column and so on say otherwise.")]
    public void Open_WhatIsInDoubt_IsSaidInANote(string content, string note)
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write("a.csv", content) });

        Assert.Contains(note, data.Report.Notes);
    }

    [Theory]
    [InlineData("u.data", "1\t10\t5\t881250949\n")]
    [InlineData("ratings.dat", "1::10::5::881250949\n")]
    public void Open_AFileOfMovieLens_LeavesNothingInDoubt(string name, string content) =>
        Assert.Empty(DatasetSource.Open(new DatasetOptions { Path = _folder.Write(name, content) }).Report.Notes);

    [Fact]
    public void Open_SplitColumn_TakesEveryUsualWordForValidation()
    {
        var words = new[] { "valid", "validation", "val", "dev", "VALID" };
        var data = DatasetSource.Open(new DatasetOptions
        {
            Path = _folder.Write("a.csv", "user,item,split\nu,a,train\nu,b,test\n" + string.Concat(words.Select((word, row) => $"u,v{row},{word}\n"))),
            HoldOutValidation = true,
        });

        Assert.Equal(("u: a", "u: v0 v1 v2 v3 v4", "u: b"), (data.Show(data.Train), data.Show(data.Validation), data.Show(data.Test)));
        Assert.StartsWith("explicit train/validation/test split, full-catalogue ranking, training and validation items removed", data.Protocol, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OneBadQuote_IsOneBadRow()
    {
        var file = _folder.Write("ratings.csv", "\"User-ID\";\"ISBN\";\"Book-Rating\"\n\"276725\";\"034545104X\";\"0\"\n\"276726\";\"\\\"0155061224\";\"5\"\n\"276725\";\"0155061224\";\"3\"\n");

        var data = DatasetSource.Open(new DatasetOptions { Path = file, MaxBadRowShare = 1 });

        var bad = Assert.Single(data.Report.Examples);
        Assert.Equal((3L, 3L, 1L, 2), (bad.Line, data.Report.Rows, data.Report.BadRows, data.Train.Count + data.Test.Count));
        Assert.StartsWith("a quote is written as \\\"", bad.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user,item,rating\nu1,a,1\nu2,c,bad\n", 3)]
    [InlineData("# c1\n# c2\nuser,item,rating\nu1,a,1\nu1,b,2\nu2,a,3\nu2,c,bad\nu3,a,1\n", 7)]
    [InlineData("\n\nuser,item,rating\n\n\"u\n1\",a,1\n\nu2,c,bad\n", 8)]
    [InlineData("1::2::3::4\n\n\n1::2::bad::4\n", 4)]
    [InlineData("{\"user\": 1, \"item\": 2, \"rating\": 3}\n\n{\"user\": 1, \"item\": 2, \"rating\": \"bad\"}\n", 3)]
    [InlineData("{\"user\": 1, \"item\": 2, \"rating\": 3}\n{\"user\": 1, \"item\":\n", 2)]
    public void Open_ABadRow_IsNamedWithItsLine(string content, long line)
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write("a.csv", content), MaxBadRowShare = 1 });

        Assert.Equal(line, Assert.Single(data.Report.Examples).Line);
    }

    [Fact]
    public void Open_ABadRowOfAParty_IsNamedWithItsFile()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "one"));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "two"));
        _folder.Write("one/interactions.csv", "user,item\nu,a\nu,b\n");
        var file = _folder.Write("two/interactions.csv", "user,item\nu,a\nu,\n");

        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Path, MaxBadRowShare = 1 });

        Assert.Equal((file, 3L), (data.Report.Examples[0].File, data.Report.Examples[0].Line));
    }

    private static string Held(Dataset data) => string.Join(' ', Enumerable.Range(0, data.Users.Count).SelectMany(user => data.Test.Items(user).ToArray()).Select(item => data.Items[item]));
}
