using FedRec.Core.Native;

namespace FedRec.Core.Tests.Native;

public sealed class PrivateCopyTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"fedrec-{Guid.NewGuid():N}", "native");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [Fact]
    public void Write_Twice_KeepsOneFile()
    {
        var first = PrivateCopy.Write(_folder, "lib", [1, 2, 3]);
        var written = File.GetLastWriteTimeUtc(first);

        var second = PrivateCopy.Write(_folder, "lib", [1, 2, 3]);

        Assert.Equal(first, second);
        Assert.Equal(written, File.GetLastWriteTimeUtc(second));
        Assert.Equal([first], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Write_OverATornFile_ReplacesIt()
    {
        var path = PrivateCopy.Write(_folder, "lib", [1, 2, 3]);
        File.WriteAllBytes(path, [1]);

        PrivateCopy.Write(_folder, "lib", [1, 2, 3]);

        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
    }

    [Fact]
    public void Write_OtherContent_TakesAnotherName() =>
        Assert.NotEqual(PrivateCopy.Write(_folder, "lib", [1]), PrivateCopy.Write(_folder, "lib", [2]));

    [Fact]
    public void Write_NewFolder_BelongsToTheOwnerAlone()
    {
        PrivateCopy.Write(_folder, "lib", [1]);

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder));
        }
    }

    [Fact]
    public async Task Write_ManyAtOnce_LeavesOneWholeFile()
    {
        var content = new byte[100_000];

        var paths = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => PrivateCopy.Write(_folder, "lib", content))));

        Assert.Single(paths.Distinct());
        Assert.Equal(content, await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(_folder))));
    }
}
