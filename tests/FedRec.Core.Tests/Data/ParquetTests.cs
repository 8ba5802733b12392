using System.Globalization;
using CsCheck;
using FedRec.Core.Data;
using FedRec.Core.Data.Readers;

namespace FedRec.Core.Tests.Data;

public sealed class ParquetTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_AnyRowsAsParquet_GivesTheDatasetOfTheCsv() => Gen.Select(Gen.Int[0, 5], Gen.Int[0, 9], Gen.Float[-5, 5], Gen.Int[0, 2_000_000_000]).Array[2, 30].Sample(
        rows =>
        {
            var times = rows.Select(row => DateTime.UnixEpoch.AddSeconds(row.Item4)).ToArray();
            var csv = _folder.Write("ratings.csv", "user id,Movie,stars,time\n" + string.Concat(rows.Zip(times, (row, time) =>
                string.Create(CultureInfo.InvariantCulture, $"u{row.Item1},{row.Item2},{row.Item3:R},{time:yyyy-MM-ddTHH:mm:ss}Z\n"))));
            var parquet = Path.Combine(_folder.Path, "ratings.parquet");
            ParquetFile.WriteAsync(parquet, ("user id", rows.Select(row => $"u{row.Item1}").ToArray()), ("Movie", rows.Select(row => row.Item2).ToArray()),
                ("stars", rows.Select(row => row.Item3).ToArray()), ("time", times)).GetAwaiter().GetResult();

            Assert.Equal(Open(csv).Fingerprint(), Open(parquet).Fingerprint());
        },
        iter: 20, threads: 1);

    [Fact]
    public async Task Read_EveryKindOfColumn_GivesTheTextOfCsv()
    {
        var file = Path.Combine(_folder.Path, "kinds.parquet");
        var id = Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e");
        await ParquetFile.WriteAsync(file, ("word", new[] { "a,b", null }), ("long", new[] { long.MinValue, 7 }), ("double", new double?[] { 0.1, null }), ("none", new[] { double.NaN, 2 }),
            ("decimal", new[] { 1.5m, 2m }), ("flag", new[] { true, false }), ("time", new[] { new DateTime(2024, 1, 31, 12, 0, 0), new DateTime(1969, 12, 31, 23, 59, 58, 500) }),
            ("id", new[] { id, id }), ("bytes", new byte[][] { [0x41], [0xC3, 0xA9] }));

        using var table = ParquetTable.Open(file, DataFile.OpenStream(file));
        string[] Row() => table.Read() ? [.. Enumerable.Range(0, table.FieldCount).Select(column => table.Field(column).ToString())] : [];

        Assert.Equal(["word", "long", "double", "none", "decimal", "flag", "time", "id", "bytes"], table.Columns);
        Assert.Equal(["a,b", "-9223372036854775808", "0.1", "", "1.5", "true", "1706702400", id.ToString(), "A"], Row());
        Assert.Equal(["", "7", "", "2", "2", "false", "-1.5", id.ToString(), "é"], Row());
        Assert.Empty(Row());
    }

    [Fact]
    public async Task Open_SeveralRowGroupsWithMissingCells_CountsBadRowsByTheirNumber()
    {
        var file = Path.Combine(_folder.Path, "interactions.parquet");
        await ParquetFile.WriteAsync(file, 2, ("user", new[] { "ann", null, "bob" }), ("item", new[] { "x", "y", "z" }));

        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Path, MaxBadRowShare = 0.5 });

        Assert.Equal("ann: x; bob: z", data.Show(data.Train));
        Assert.Equal((6, 2, 2), (data.Report.Rows, data.Report.BadRows, data.Report.Duplicates));
        Assert.Equal([2L, 5L], data.Report.Examples.Select(row => row.Line));
        Assert.Contains("interactions.parquet, row 2: 2 of 6 rows are bad", Error(file).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_TitlesBesideIt_AreReadFromParquetToo()
    {
        var file = Path.Combine(_folder.Path, "ratings.parquet");
        await ParquetFile.WriteAsync(file, ("user", new[] { "ann", "ann" }), ("item", new[] { 1, 2 }));
        await ParquetFile.WriteAsync(Path.Combine(_folder.Path, "items.parquet"), ("item", new[] { 2, 1 }), ("title", new[] { "Two", "One" }), ("genres", new[] { "a|b", null }));

        var data = Open(file);

        Assert.Equal(["One", "Two"], data.Catalogue.Titles);
        Assert.Equal(["a", "b"], data.Catalogue.Tags[1]);
    }

    [Fact]
    public async Task Open_WithoutAUserColumn_SaysWhichColumnsThereAre()
    {
        var file = Path.Combine(_folder.Path, "a.parquet");
        await ParquetFile.WriteAsync(file, ("who", new[] { "ann" }), ("item", new[] { "x" }));

        var error = Error(file);

        Assert.Equal("The file has no column for the user; its columns are: 'who', 'item'.", error.What);
        Assert.Null(error.Line);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(-60)]
    public async Task Open_ACutOffFile_IsDamagedAndNamed(int length)
    {
        var file = Path.Combine(_folder.Path, "a.parquet");
        await ParquetFile.WriteAsync(file, ("user", new[] { "ann", "bob" }), ("item", new[] { "x", "y" }));
        var bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, bytes[..(length < 0 ? bytes.Length + length : length)]);

        var error = Error(file);

        Assert.StartsWith("The Parquet file is damaged; it cannot be opened", error.What, StringComparison.Ordinal);
        Assert.Equal((file, "Write the file anew, or give the same rows as CSV."), (error.File, error.Next));
    }

    [Fact]
    public async Task Open_AFileWithADamagedByte_IsReadOrRefusedAndNeverFailsOtherwise()
    {
        var file = Path.Combine(_folder.Path, "a.parquet");
        await ParquetFile.WriteAsync(file, ("user", new[] { "ann", "bob" }), ("item", new[] { "x", "y" }), ("rating", new[] { 1f, 2f }));
        var bytes = File.ReadAllBytes(file);
        var refused = 0;
        foreach (var place in Enumerable.Range(0, bytes.Length).Where(place => place % 4 == 0 || place > bytes.Length - 16))
        {
            var damaged = bytes.ToArray();
            damaged[place] ^= 0x55;
            File.WriteAllBytes(file, damaged);
            try
            {
                Open(file);
            }
            catch (DatasetException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 40, 130);
    }

    [Fact]
    public void Open_AMissingFile_SaysSo() => Assert.Equal("There is no such file or folder.", Error(Path.Combine(_folder.Path, "no.parquet")).What);

    private static Dataset Open(string file) => DatasetSource.Open(new DatasetOptions { Path = file });

    private static DatasetException Error(string file) => Assert.Throws<DatasetException>(() => Open(file));
}
