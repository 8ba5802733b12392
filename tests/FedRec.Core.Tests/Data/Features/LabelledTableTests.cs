using FedRec.Core.Data;
using FedRec.Core.Tests.Learners.FeatureModels;

namespace FedRec.Core.Tests.Data.Features;

public sealed class LabelledTableTests
{
    private const string Columns = """{"name":"age","kind":"numeric"},{"name":"city","kind":"categorical","values":["Rome","Oslo"]},{"name":"split","kind":"split"},{"name":"shop","kind":"party"}""";
    private const string Schema = $$"""{"columns":[{{Columns}},{"name":"buys","kind":"label","task":"binary","values":["no","yes"]}]}""";

    [Fact]
    public void Open_ATable_MakesRowsUsersAndClassesItems()
    {
        var data = MadeTable.Open("city,age,buys,shop,split\nOslo,30,yes,A,train\nParis,,no,B,train\nRome,41.5,yes,A,test\n", Schema);

        Assert.Equal("1: yes; 2: no", data.Show(data.Train));
        Assert.Equal("3: yes", data.Show(data.Test));
        Assert.Equal([30, 1], data.Train.Features!.Row(0).ToArray());
        Assert.Equal([float.NaN, 2], data.Train.Features.Row(1).ToArray()); // a missing number, an unknown word
        Assert.Equal(["A", "B"], data.Parties!.Names);
        Assert.Equal(["age: 1 rows have no number, which stands for the mean", "city: 1 rows have a word outside the vocabulary, counted as unknown"], data.Report.Notes);
    }

    [Fact]
    public async Task Open_ATableAsParquet_GivesTheDatasetOfTheCsv()
    {
        using var folder = new TempFolder();
        var (schema, csv, parquet) = (folder.Write("schema.json", Schema), folder.Write("t.csv", "city,age,buys,shop,split\nOslo,30,yes,A,train\nParis,,no,B,train\n,41.5,yes,A,test\n"), Path.Combine(folder.Path, "t.parquet"));
        await ParquetFile.WriteAsync(parquet, ("shop", new[] { "A", "B", "A" }), ("age", new double?[] { 30, null, 41.5 }), ("city", new[] { "Oslo", "Paris", null }),
            ("buys", new[] { "yes", "no", "yes" }), ("split", new[] { "train", "train", "test" }));

        var (expected, read) = (DatasetSource.Open(new DatasetOptions { Path = csv, Schema = schema }), DatasetSource.Open(new DatasetOptions { Path = parquet, Schema = schema }));

        Assert.Equal(expected.Fingerprint(), read.Fingerprint());
        Assert.Equal(expected.Report.Notes, read.Report.Notes);
        Assert.Equal([.. Enumerable.Range(0, 3).SelectMany(row => expected.Train.Features!.Row(row).ToArray())], Enumerable.Range(0, 3).SelectMany(row => read.Train.Features!.Row(row).ToArray()));
        Assert.Equal(expected.Parties!.Names, read.Parties!.Names);
    }

    [Fact]
    public async Task Open_AParquetTableWithoutADeclaredColumn_NamesIt()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "t.parquet");
        await ParquetFile.WriteAsync(file, ("city", new[] { "Oslo" }), ("ages", new[] { 3 }));

        var error = Assert.Throws<DatasetException>(() => DatasetSource.Open(new DatasetOptions { Path = file, Schema = folder.Write("schema.json", Schema) }));

        Assert.StartsWith("There is no column 'age'", error.What, StringComparison.Ordinal);
        Assert.Contains("ages", error.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_HashedWords_CountsTheirCollisions()
    {
        const string Hashed = """{"columns":[{"name":"word","kind":"categorical","buckets":2},{"name":"y","kind":"label","task":"regression","range":[0,9]}]}""";

        var data = MadeTable.Open("word,y\na,1\nb,2\nc,3\nd,4\n", Hashed);

        Assert.Equal("word: 4 words in 2 hash buckets, 2 of them share one with another word", Assert.Single(data.Report.Notes));
    }

    [Fact]
    public void Open_BadRows_AreCountedWithTheirReasons()
    {
        var data = MadeTable.Open("city,age,buys,shop,split\nOslo,30,yes,A,train\nOslo,old,no,B,train\nOslo,1,maybe,A,train\nOslo,1e20,no,A,train\nRome,3,no,A,test\nRome,3,no,A,test\nRome,3,no,B,train\n", Schema);

        Assert.Equal(3, data.Report.BadRows);
        Assert.Equal(["age is 'old', which is no number within ±1e15", "the label 'maybe' is none of no, yes", "age is '1e20', which is no number within ±1e15"], data.Report.Examples.Select(row => row.Reason));
    }

    [Theory]
    [InlineData("""{"colums":[]}""", "The key colums is unknown. Did you mean 'columns'?")]
    [InlineData("""{"columns":[{"name":"a","kind":"numerical"}]}""", "columns[0].kind is 'numerical'. Did you mean 'numeric'?")]
    [InlineData("""{"columns":[{"name":"a","kind":"numeric"}]}""", "0 columns are of the kind label. Declare one label.")]
    [InlineData("""{"columns":[{"name":"a","kind":"categorical"}]}""", "columns[0] has no values.")]
    [InlineData("""{"columns":[{"name":"a","kind":"numeric"},{"name":"y","kind":"label","task":"regression"}]}""", "columns[1].range must be the agreed smallest and largest label.")]
    [InlineData("""{"columns":[{"name":"a","kind":"numeric"},{"name":"y","kind":"label","task":"binary","values":["x"]}]}""", "columns[1].values has 1 classes.")]
    [InlineData("""{"columns":[{"name":"a","kind":"numeric"},{"name":"y","kind":"label","task":"binary","values":["x","z"],"positive":"w"}]}""", "columns[1].positive is none of the values.")]
    [InlineData("""{"columns":[""", "The schema is not valid JSON.")]
    public void Open_MalformedSchema_SaysWhereAndWhatNext(string schema, string expected)
    {
        var error = Assert.Throws<DatasetException>(() => MadeTable.Open("a,y\n1,x\n", schema));

        Assert.StartsWith(expected, $"{error.What} {error.Next}", StringComparison.Ordinal);
        Assert.EndsWith("schema.json", error.File, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AColumnThatTheFileLacks_NamesTheNearest()
    {
        var error = Assert.Throws<DatasetException>(() => MadeTable.Open("a,bb,c,y\n1,2,red,3\n", MadeTable.Schema(MadeTable.Label("regression"))));

        Assert.StartsWith("There is no column 'b'", error.What, StringComparison.Ordinal);
    }
}
