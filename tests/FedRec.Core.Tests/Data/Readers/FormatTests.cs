using System.IO.Compression;
using System.Text;
using CsCheck;
using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data.Readers;

public sealed class FormatTests : IDisposable
{
    private const string Content = "user,item\nu,a\nu,b\n";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("data.csv.gz")]
    [InlineData("data.bin")]
    public void Open_AGzipFile_IsRead(string name)
    {
        var data = Open(_folder.Write(name, Gzip(Encoding.UTF8.GetBytes(Content))));

        Assert.Equal(("u: a", "gzip"), (data.Show(data.Train), Assert.Single(data.Report.Files).Compression));
    }

    [Fact]
    public void Open_AZipWithOneFile_IsRead() => Assert.Equal("u: a", Train(Zip(("folder/any.csv", Content), ("__MACOSX/folder/._any.csv", "x"))));

    [Fact]
    public void Open_AZipWithOneFileOfAKnownName_IsRead() => Assert.Equal("u: a", Train(Zip(("ml/README", "text"), ("ml/ratings.csv", Content), ("ml/movies.csv", "movieId,title\n"))));

    [Fact]
    public void Open_AFileThatIsNamedBehindTheArchive_IsRead()
    {
        var zip = Zip(("one.csv", Content), ("two.csv", "user,item\nv,c\n"));

        Assert.Equal("v: c", Train($"{zip}/two.csv"));
    }

    [Fact]
    public void Open_AZipWithSeveralFiles_NamesThem()
    {
        var error = Assert.Throws<DatasetException>(() => Open(Zip(("one.csv", Content), ("two.csv", Content))));

        Assert.Contains("it holds one.csv, two.csv", error.What, StringComparison.Ordinal);
        Assert.Contains("data.zip/one.csv", error.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AnArchiveThatIsCutOff_SaysSo()
    {
        var packed = Gzip(Encoding.UTF8.GetBytes("user,item\n" + string.Concat(Enumerable.Range(0, 50_000).Select(row => $"u{row * 7919 % 10007},i{row * 104729 % 9973}\n"))));
        var file = _folder.Write("data.gz", packed[..(packed.Length / 2)]);

        Assert.Contains("damaged or cut off", Assert.Throws<DatasetException>(() => Open(file)).What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BZh91AY&SYabcdef", "bzip2")]
    [InlineData("\u00FD7zXZ\u0000\u0000", "xz")]
    [InlineData("7z\u00BC\u00AF\u0027\u001C", "7-Zip")]
    [InlineData("(\u00B5/\u00FD\u0000", "Zstandard")]
    [InlineData("\u0093NUMPY\u0001", "NumPy array")]
    [InlineData("\u0089HDF\r\n", "HDF5")]
    [InlineData("ARROW1\u0000\u0000", "Arrow")]
    [InlineData("\u00D0\u00CF\u0011\u00E0", "Excel workbook")]
    [InlineData("\u0080\u0004\u0095\u0000\u0000", "Python pickle")]
    public void Open_AFormatThatIsNotRead_IsRefusedByName(string start, string name)
    {
        var error = Assert.Throws<DatasetException>(() => Open(_folder.Write("data.csv", Encoding.Latin1.GetBytes(start))));

        Assert.Contains($"not read: {name}", error.What, StringComparison.Ordinal);
        Assert.NotEmpty(error.Next);
    }

    [Fact]
    public void Open_APackedFormatThatIsNotRead_IsRefusedByName()
    {
        var tar = new byte[1024];
        "ustar"u8.CopyTo(tar.AsSpan(257));

        Assert.Contains("tar archive", Assert.Throws<DatasetException>(() => Open(_folder.Write("a.tar.gz", Gzip(tar)))).What, StringComparison.Ordinal);
        Assert.Contains("Excel workbook", Assert.Throws<DatasetException>(() => Open(Zip(("xl/workbook.xml", "<x/>"), ("[Content_Types].xml", "<x/>")))).What, StringComparison.Ordinal);
        Assert.Contains("NumPy archive (npz)", Assert.Throws<DatasetException>(() => Open(Zip(("data.npy", "x"), ("shape.npy", "x")))).What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ORC,item\nu,a\n", "no column for the user")]
    [InlineData("Rar!,item\nu,a\n", "no column for the user")]
    public void Open_TextThatBeginsLikeAnotherFormat_IsText(string content, string what) =>
        Assert.Contains(what, Assert.Throws<DatasetException>(() => Open(_folder.Write("a.csv", content))).What, StringComparison.Ordinal);

    [Fact]
    public async Task Open_APipe_IsRead()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // there is no mkfifo
        }

        var pipe = Path.Combine(_folder.Path, "pipe");
        using (var made = System.Diagnostics.Process.Start("mkfifo", pipe))
        {
            await made.WaitForExitAsync();
        }

        var writing = Task.Run(() => File.WriteAllText(pipe, Content));
        var data = Open(pipe);
        await writing;

        Assert.Equal("u: a", data.Show(data.Train));
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/urandom")]
    public void Open_ADeviceWithoutEnd_IsRefused(string device)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // there are no such devices
        }

        Assert.Contains("a device", Assert.Throws<DatasetException>(() => Open(device)).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AnyStartOfBytes_IsRefusedInOurWords() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        var file = _folder.Write("any.csv", bytes);
        try
        {
            Open(file);
        }
        catch (DatasetException e)
        {
            Assert.NotEmpty(e.Next);
            Assert.Equal(file, e.File);
            if (e.InnerException is { } inner)
            {
                Assert.DoesNotContain(inner.Message, e.Message, StringComparison.Ordinal); // no library's own words
            }
        }
    }, iter: 300, threads: 1);

    private static Dataset Open(string file) => DatasetSource.Open(new DatasetOptions { Path = file });

    private static string Train(string file)
    {
        var data = Open(file);
        return data.Show(data.Train);
    }

    private static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    private string Zip(params (string Name, string Content)[] files)
    {
        using var packed = new MemoryStream();
        using (var archive = new ZipArchive(packed, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in files)
            {
                using var writer = new StreamWriter(archive.CreateEntry(name).Open());
                writer.Write(content);
            }
        }

        return _folder.Write("data.zip", packed.ToArray());
    }
}
