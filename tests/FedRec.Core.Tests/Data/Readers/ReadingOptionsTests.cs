using System.Text;
using FedRec.Core.Data;
using FedRec.Core.Data.Readers;

namespace FedRec.Core.Tests.Data.Readers;

public sealed class ReadingOptionsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_ColumnsThatAreNamed_AreTakenAndNoOthers()
    {
        const string content = "user,who,what,how,at,rating\nx,ann,a,2,5,9\nx,ann,b,3,4,9\n";

        var data = Open(content, new() { UserColumn = "who", ItemColumn = "WHAT", RatingColumn = "4", TimeColumn = "at" });

        Assert.Equal(("ann: b", "ann: a"), (data.Show(data.Train), data.Show(data.Test)));
        Assert.Equal((3f, 4L), (data.Train.Ratings(0)[0], data.Train.Timestamps(0)[0]));
        Assert.Contains("Columns that are not used: user, rating.", data.Report.Notes);
    }

    [Fact]
    public void Open_TheWordNone_LeavesAColumnOut()
    {
        var data = Open("user,item,rating,time\nu,a,bad,bad\nu,b,bad,bad\n", new() { RatingColumn = "none", TimeColumn = "none" });

        Assert.Equal("u: a", data.Show(data.Train));
    }

    [Fact]
    public void Open_WithoutHeaderColumnsByPlace_AreTaken()
    {
        var data = Open("a1,7,u1\na2,8,u1\n", new() { NoHeader = true, UserColumn = "3", ItemColumn = "1", Separator = "," });

        Assert.Equal(("u1: a1", "u1: a2"), (data.Show(data.Train), data.Show(data.Test)));
    }

    [Fact]
    public void Open_WithoutHeader_TakesTheFirstLineForData()
    {
        var data = Open("alice,matrix\nalice,alien\n", new() { NoHeader = true });

        Assert.Equal(("alice: matrix", "alice: alien"), (data.Show(data.Train), data.Show(data.Test)));
    }

    [Theory]
    [InlineData("user^item\nu^a\nu^b\n", "^")]
    [InlineData("user\titem\nu\ta\nu\tb\n", "tab")]
    [InlineData("u::a\nu::b\n", "::")]
    [InlineData("user item\nu a\nu b\n", "blanks")]
    [InlineData("user,item\nu,a\nu,b\n", "comma")]
    public void Open_ASeparatorThatIsGiven_IsTaken(string content, string separator)
    {
        var data = Open(content, new() { Separator = separator, NoHeader = content[1] == ':' });

        Assert.Equal(("u: a", "u: b"), (data.Show(data.Train), data.Show(data.Test)));
    }

    [Fact]
    public void Open_WordsOfKindsThatAreGiven_AreRead()
    {
        var data = Open("user_id,item_id,action_type\n1,10,0\n1,11,2\n1,12,buy\n", new() { Kinds = "0=view,2=cart" });

        Assert.Equal(["view", "cart", "purchase"], data.Report.Kinds.Select(kind => kind.Kind));
    }

    [Fact]
    public void Open_NumbersForKinds_AreRefusedWithTheOption()
    {
        var error = Assert.Throws<DatasetException>(() => Open("user_id,item_id,action_type\n1,10,0\n", new()));

        Assert.Contains("the kind '0' is none of view, click, cart, rating, purchase; --kinds 0=view says what it means", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("latin1", "ISO-8859-1")]
    [InlineData("windows-1252", "windows-1252")]
    [InlineData("utf-16", "utf-16")]
    [InlineData("shift_jis", "shift_jis")]
    public void Open_AnEncodingThatIsGiven_IsTaken(string name, string written)
    {
        var id = name == "shift_jis" ? "日本" : "Brüno";
        var file = _folder.Write("a.csv", TextEncodings.Find(written).GetBytes($"user,item\n{id},a\n{id},b\n"));

        var data = DatasetSource.Open(new DatasetOptions { Path = file, Reading = new() { Encoding = name } });

        Assert.Equal($"{id}: a", data.Show(data.Train));
    }

    [Fact]
    public void Open_BytesThatAreNotUtf8_AreRefusedWithLineAndOption()
    {
        var file = _folder.Write("a.csv", Encoding.Latin1.GetBytes("user,item,note\nu,a,Brüno\nu,b,x\nBrüno,b,x\n"));

        var data = DatasetSource.Open(new DatasetOptions { Path = file, MaxBadRowShare = 1 });

        var bad = Assert.Single(data.Report.Examples); // what is not used does no harm
        Assert.Equal((4L, "the user 'Br\uFFFDno' is not valid UTF-8; --encoding says how the file is written, such as latin1"), (bad.Line, bad.Reason));
    }

    [Theory]
    [InlineData("--user-column is 'who', and there is no such column; the columns are: 'user', 'item'", "who", false)]
    [InlineData("--user-column is '3', and there is no such column; the columns are: 'user', 'item'", "3", false)]
    [InlineData("--user-column is '3', and there is no such column; columns are called by their places: '1', '2'", "3", true)]
    public void Open_AColumnThatIsNotThere_IsRefusedByName(string what, string column, bool noHeader)
    {
        var error = Assert.Throws<DatasetException>(() => Open("user,item\nu,a\n", new() { UserColumn = column, NoHeader = noHeader, Separator = "comma" }));

        Assert.StartsWith(what, error.What, StringComparison.Ordinal);
    }

    public static TheoryData<ReadingOptions, string> Wrong => new()
    {
        { new() { Separator = "ab" }, "The separator is 'ab'" },
        { new() { Separator = "" }, "The separator is ''" },
        { new() { Encoding = "latin99" }, "The encoding is 'latin99'" },
        { new() { Kinds = "0" }, "The kind '0' is not of the form word=kind" },
        { new() { Kinds = "0=look" }, "The kind '0=look' is not of the form" },
        { new() { Kinds = "0=view,0=cart" }, "name the word '0' twice" },
        { new() { UserColumn = "a", TimeColumn = "A" }, "The column 'a' is named for two things" },
        { new() { UserColumn = "none" }, "every interaction has one" },
        { new() { NoHeader = true, ItemColumn = "item" }, "without a header columns have none" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Open_OptionsThatMeanNothing_AreTheCallersMistake(ReadingOptions reading, string what) =>
        Assert.Contains(what, Assert.Throws<ArgumentException>(() => Open("user,item\nu,a\n", reading)).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_OptionsWithoutAFile_AreTheCallersMistake() =>
        Assert.Contains("give --data too", Assert.Throws<ArgumentException>(() => DatasetSource.Open(new DatasetOptions { Reading = new() { NoHeader = true } })).Message, StringComparison.Ordinal);

    private Dataset Open(string content, ReadingOptions reading) => DatasetSource.Open(new DatasetOptions { Path = _folder.Write("a.csv", content), Reading = reading });
}
