using FedRec.Core.Data;
using FedRec.Core.Tests.Learners.FeatureModels;

namespace FedRec.Core.Tests.Data;

public sealed class DatasetHashTests : IDisposable
{
    private const string Csv = "user,item,rating,timestamp,event,split\nann,x,4,1,view,train\nann,y,5,2,cart,train\nann,z,1,3,cart,test\nbob,x,1,3,view,train\nbob,z,2,4,view,train\n";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("b.csv", "split;event;timestamp;rating;item;user\ntrain;view;4;2;z;bob\ntest;cart;3;1;z;ann\ntrain;view;3;1;x;bob\ntrain;cart;2;5;y;ann\ntrain;view;1;4;x;ann\n")]
    [InlineData("other/c.tsv", "user\titem\trating\ttimestamp\tevent\tsplit\nbob\tz\t2\t4\tview\ttrain\nann\tx\t4\t1\tview\ttrain\nbob\tx\t1\t3\tview\ttrain\nann\ty\t5\t2\tcart\ttrain\nann\tz\t1\t3\tcart\ttest\n")]
    public void Sha256_TheSameRowsInAnotherFileFormatAndOrder_IsTheSame(string name, string content)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "other"));

        Assert.Equal(Hash("a.csv", Csv), Hash(name, content));
    }

    [Theory]
    [InlineData("ann,y,5", "Ann,y,5")] // a user
    [InlineData("ann,y,5", "ann,w,5")] // an item
    [InlineData("ann,y,5", "ann,y,4")] // a rating
    [InlineData("5,2,cart", "5,1,cart")] // a time
    [InlineData("5,2,cart", "5,2,view")] // a kind
    [InlineData("cart,test", "cart,train")] // what is held out
    [InlineData("bob,z,2,4,view,train\n", "")] // a row
    [InlineData("bob,z,2,4,view,train\n", "bob,z,2,4,view,train\nbob,v,2,4,view,train\n")]
    public void Sha256_AnotherCell_IsAnother(string part, string other) => Assert.NotEqual(Hash("a.csv", Csv), Hash("b.csv", Csv.Replace(part, other, StringComparison.Ordinal)));

    [Fact]
    public void Sha256_OtherWeightsOrHeldOutValidation_IsAnother()
    {
        var file = _folder.Write("a.csv", Csv);
        DatasetOptions[] options =
        [
            new() { Path = file },
            new() { Path = file, KindWeights = "view=0.25" },
            new() { Path = _folder.Write("v.csv", Csv.Replace("z,2,4,view", "z,2,4,cart", StringComparison.Ordinal) + "bob,y,2,5,cart,train\n"), HoldOutValidation = false },
            new() { Path = Path.Combine(_folder.Path, "v.csv"), HoldOutValidation = true },
        ];

        Assert.Distinct(options.Select(one => DatasetSource.Open(one).Sha256));
    }

    [Fact]
    public void Sha256_OfAChangedCopy_IsItsOwn()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write("a.csv", Csv) });
        var before = data.Sha256;

        var changed = data with { Train = data.Test };

        Assert.NotEqual(before, changed.Sha256);
        Assert.Equal(before, (data with { Name = "another", Protocol = "" }).Sha256);
    }

    [Theory]
    [InlineData("Oslo,30,yes", "Rome,30,yes")] // a word
    [InlineData("Oslo,30,yes", "Oslo,31,yes")] // a number
    [InlineData("Oslo,30,yes", "Oslo,30,no")] // a label
    public void Sha256_OfALabelledTable_FollowsFeaturesAndLabels(string part, string other)
    {
        const string Schema = """{"columns":[{"name":"age","kind":"numeric"},{"name":"city","kind":"categorical","values":["Rome","Oslo"]},{"name":"split","kind":"split"},{"name":"buys","kind":"label","task":"binary","values":["no","yes"]}]}""";
        const string Table = "city,age,buys,split\nOslo,30,yes,train\nParis,,no,train\nRome,41.5,yes,test\n";
        string HashOf(string table) => MadeTable.Open(table, Schema).Sha256;

        Assert.Equal(HashOf(Table), HashOf(Table));
        Assert.NotEqual(HashOf(Table), HashOf(Table.Replace(part, other, StringComparison.Ordinal)));
    }

    private string Hash(string name, string content) => DatasetSource.Open(new DatasetOptions { Path = _folder.Write(name, content) }).Sha256;
}
