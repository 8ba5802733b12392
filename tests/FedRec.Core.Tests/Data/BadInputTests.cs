using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data;

public sealed class BadInputTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("empty.csv", "", "The file is empty", null)]
    [InlineData("blank.csv", "\n\n", "nothing but blank lines", null)]
    [InlineData("bom.csv", "\uFEFF", "The file is empty", null)]
    [InlineData("header.csv", "user,item\n", "holds no interactions", null)]
    [InlineData("names.csv", "one,two\nthree,four\n", "no column for the user; its columns are: 'one', 'two'", 1L)]
    [InlineData("words.txt", "only\nwords\n", "no column for the user; its columns are: 'only'", 1L)]
    [InlineData("array.json", "[\n {\"user\": 1, \"item\": 2}]", "one JSON array", 1L)]
    [InlineData("noitem.csv", "user,thing\na,b\n", "no column for the item; its columns are: 'user', 'thing'", 1L)]
    [InlineData("quote.csv", "user,item\na,b\n\"c,d\ne,f\n", "1 of 3 rows are bad, more than the share of 0.01 that is allowed; line 3: a quote opens here", 3L)]
    [InlineData("allbad.csv", "user,item\na,\n,b\n", "2 of 2 rows are bad", 2L)]
    [InlineData("u.data", "a,b,c,d\n", "1 of 1 rows are bad", 1L)]
    public void Open_UnusableFile_SaysWhatAndWhere(string name, string content, string what, long? line)
    {
        var file = _folder.Write(name, content);

        var error = Assert.Throws<DatasetException>(() => DatasetSource.Open(new DatasetOptions { Path = file }));

        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Equal((file, line), (error.File, error.Line));
        Assert.StartsWith(file, error.Message, StringComparison.Ordinal);
        Assert.EndsWith(error.Next, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_BinaryFile_SaysSo()
    {
        var file = _folder.Write("a.csv", [0x50, 0x4C, 3, 4, 0, 0, 1, 2]);

        Assert.Contains("not text", Assert.Throws<DatasetException>(() => DatasetSource.Open(new DatasetOptions { Path = file })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoSuchFile_SaysSo()
    {
        var file = Path.Combine(_folder.Path, "missing", "a.csv");

        Assert.Contains("no such file", Assert.Throws<DatasetException>(() => DatasetSource.Open(new DatasetOptions { Path = file })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FolderWithoutKnownFile_NamesTheKnownOnes()
    {
        _folder.Write("stuff.csv", "user,item\na,b\n");

        Assert.Contains("u.data, ratings.dat, ratings.csv", Assert.Throws<DatasetException>(() => DatasetSource.Open(new DatasetOptions { Path = _folder.Path })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.csv", ",x,1,1,train", "the user is missing")]
    [InlineData("a.csv", "u, ,1,1,train", "the item is missing")]
    [InlineData("a.csv", "u,x,,1,train", "the rating is missing")]
    [InlineData("a.csv", "u,x,good,1,train", "the rating 'good' is not a finite number")]
    [InlineData("a.csv", "u,x,NaN,1,train", "the rating 'NaN' is not a finite number")]
    [InlineData("a.csv", "u,x,1e99,1,train", "the rating '1e99' is not a finite number")]
    [InlineData("a.csv", "u,x,1,,train", "the timestamp is missing")]
    [InlineData("a.csv", "u,x,1,10-11,train", "the timestamp '10-11' is neither")]
    [InlineData("a.csv", "u,x,1,1,later", "the split 'later' is none of train, validation and test")]
    [InlineData("a.csv", "u,x,1,1", "the split is missing")]
    [InlineData("a.csv", "u,x,y,1,1,train", "it has 6 fields where the first line has 5")]
    [InlineData("u.data", "u\tx\t1", "it has 3 fields with tabs between them instead of 4")]
    [InlineData("ratings.dat", "u::x::1::1::1", "it has 5 fields with :: between them instead of 4")]
    public void Open_BadRow_IsRefusedWithFileLineAndReason(string name, string row, string reason)
    {
        var good = name switch { "u.data" => "a\tx\t1\t1\na\ty\t1\t2\n", "ratings.dat" => "a::x::1::1\na::y::1::2\n", _ => "user,item,rating,timestamp,split\na,x,1,1,train\na,y,1,2,test\n" };
        var file = _folder.Write(name, good + row + "\n");

        var data = DatasetSource.Open(new DatasetOptions { Path = file, MaxBadRowShare = 0.5 });

        var bad = Assert.Single(data.Report.Examples);
        Assert.Equal((file, good.Count(c => c == '\n') + 1L), (bad.File, bad.Line));
        Assert.StartsWith(reason, bad.Reason, StringComparison.Ordinal);
        Assert.Equal((3L, 1L, 1, 2), (data.Report.Rows, data.Report.BadRows, data.Users.Count, data.Items.Count)); // no id is left behind
    }

    [Fact]
    public void Open_BadRowAfterAQuotedLineBreakAndABlankLine_NamesItsLine()
    {
        var file = _folder.Write("a.csv", "user,item,note\na,x,\"two\nlines\"\n\na,y,\n,z,\n");

        var data = DatasetSource.Open(new DatasetOptions { Path = file, MaxBadRowShare = 1 });

        Assert.Equal(6, Assert.Single(data.Report.Examples).Line);
    }

    [Fact]
    public void Open_MoreBadRowsThanAllowed_FailsWithExamples()
    {
        var rows = string.Concat(Enumerable.Range(0, 97).Select(i => $"u{i},x\n"));
        var file = _folder.Write("a.csv", $"user,item\n{rows},1\n,2\n,3\n");

        var error = Assert.Throws<DatasetException>(() => DatasetSource.Open(new DatasetOptions { Path = file, MaxBadRowShare = 0.02 }));
        var data = DatasetSource.Open(new DatasetOptions { Path = file, MaxBadRowShare = 0.03 });

        Assert.Contains("3 of 100 rows are bad, more than the share of 0.02 that is allowed; line 99: the user is missing; line 100", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, data.Report.BadRows);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Open_ShareOutsideItsRange_IsTheCallersMistake(double share) =>
        Assert.Contains("MaxBadRowShare", Assert.Throws<ArgumentException>(() => DatasetSource.Open(new DatasetOptions { MaxBadRowShare = share })).Message, StringComparison.Ordinal);
}
