using FedRec.Hosting;
using FedRec.Hosting.Configuration;
using FedRec.Storage.Encryption;

namespace FedRec.Integration.Tests.Storage.Encryption;

/// <summary>Keys from a file or a setting: the last one writes, all read, and no message repeats one.</summary>
public sealed class KeyRingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    private string File => Path.Combine(_folder.Path, "storage.keys");

    [Fact]
    public void Parse_LinesOfAFile_TheLastOneWrites()
    {
        var (first, second) = (StorageKey.Create("k1"), StorageKey.Create("k2"));

        var file = KeyRing.Parse($"# of the shop\r\n\r\n{first.Reveal()}\r\n  {second.Reveal()}  \n");
        var setting = KeyRing.Parse($"{first.Reveal()};{second.Reveal()}");

        Assert.All(new[] { file, setting }, ring =>
        {
            Assert.Equal("k2", ring.Writing.Id);
            Assert.Equal(first.Reveal(), ring.Find("k1")!.Reveal());
            Assert.Null(ring.Find("k3"));
        });
    }

    [Theory]
    [InlineData("k1 {0}\nk2", "Line 2")]
    [InlineData("k1 {0}x", "Line 1")]
    [InlineData("{0}", "Line 1")] // the id left out
    [InlineData("k1 {0} k2", "Line 1")]
    [InlineData("k/1 {0}", "Line 1")]
    [InlineData("k1 c2hvcnQ=", "Line 1")]
    [InlineData("k1 {0}\nk1 {0}", "'k1' stands there twice")]
    [InlineData("# none\n", "no key")]
    public void Parse_WhatIsNone_SaysWhere_AndNotWhat(string text, string expected)
    {
        var secret = StorageKey.Create("k1").Reveal()[3..];

        var error = Assert.Throws<ArgumentException>(() => KeyRing.Parse(text.Replace("{0}", secret, StringComparison.Ordinal)));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_Saved_IsItsUsersAlone_AndIsRead()
    {
        var key = StorageKey.Create("k1");

        StorageKeyFile.Save(File, new KeyRing(key), replaces: false);

        Assert.Equal(key.Reveal(), StorageKeyFile.Load(File).Writing.Reveal());
        Assert.Single(Directory.GetFiles(_folder.Path));
        Assert.Throws<IOException>(() => StorageKeyFile.Save(File, new KeyRing(StorageKey.Create("k2")), replaces: false));
        Assert.Equal(key.Reveal(), StorageKeyFile.Load(File).Writing.Reveal());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }
    }

    [Fact]
    public void File_ThatOthersMayReadOrChange_IsRefused_AndOneOfAGroupIsNot()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        StorageKeyFile.Save(File, new KeyRing(StorageKey.Create("k1")), replaces: false);
        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        foreach (var open in new[] { UnixFileMode.OtherRead, UnixFileMode.OtherWrite, UnixFileMode.GroupWrite })
        {
            System.IO.File.SetUnixFileMode(File, Own | open);
            Assert.Contains("chmod 600", Assert.Throws<SettingException>(() => StorageKeyFile.Load(File)).Next, StringComparison.Ordinal);
        }

        System.IO.File.SetUnixFileMode(File, Own | UnixFileMode.GroupRead);
        Assert.Equal("k1", StorageKeyFile.Load(File).Writing.Id);
    }

    [Fact]
    public void File_ChangedWhileItIsUsed_CountsAtOnce_AndOneThatIsNoneChangesNothing()
    {
        var (first, second) = (StorageKey.Create("k1"), StorageKey.Create("k2"));
        StorageKeyFile.Save(File, new KeyRing(first), replaces: false);
        var file = new StorageKeyFile(File, _said.Add);
        Assert.Equal("k1", file.Read().Writing.Id);

        StorageKeyFile.Save(File, new KeyRing(first, second), replaces: true);
        Assert.Equal("k2", file.Read().Writing.Id);

        System.IO.File.WriteAllText(File, "gone");
        Assert.Equal("k2", file.Read().Writing.Id);
        Assert.Equal("k2", file.Read().Writing.Id);
        System.IO.File.Delete(File);
        Assert.Equal("k2", file.Read().Writing.Id);
        Assert.Equal(2, _said.Count); // each of them once

        StorageKeyFile.Save(File, new KeyRing(second, first), replaces: true);
        Assert.Equal("k1", file.Read().Writing.Id);
    }

    [Fact]
    public void File_BehindALink_AsASecretIsMounted_IsFollowed()
    {
        var (first, second) = (Path.Combine(_folder.Path, "1"), Path.Combine(_folder.Path, "2"));
        StorageKeyFile.Save(first, new KeyRing(StorageKey.Create("k1")), replaces: false);
        StorageKeyFile.Save(second, new KeyRing(StorageKey.Create("k222")), replaces: false);
        System.IO.File.CreateSymbolicLink(File, first);
        var file = new StorageKeyFile(File, _said.Add);
        Assert.Equal("k1", file.Read().Writing.Id);

        System.IO.File.Delete(File);
        System.IO.File.CreateSymbolicLink(File, second);

        Assert.Equal("k222", file.Read().Writing.Id);
    }

    [Fact]
    public void CipherOf_TheSettings_NoneWithoutKeys_AndAMessageThatRepeatsNone()
    {
        var secret = StorageKey.Create("k1").Reveal();
        Assert.False(StorageKeys.CipherOf(new FedRecOptions(), _said.Add).IsOn);
        Assert.Equal("k1", StorageKeys.CipherOf(With(options => options.Keys = secret), _said.Add).WritingKey);
        Assert.Contains("cannot be read", Assert.Throws<SettingException>(() => StorageKeys.CipherOf(With(options => options.KeyFile = File), _said.Add)).Message, StringComparison.Ordinal);

        var error = Assert.Throws<SettingException>(() => StorageKeys.CipherOf(With(options => options.Keys = secret[..^4]), _said.Add));

        Assert.Contains("FedRec:Storage:Encryption:Keys", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(secret[3..^4], error.Message, StringComparison.Ordinal);
    }

    private static FedRecOptions With(Action<EncryptionOptions> set)
    {
        var options = new FedRecOptions();
        set(options.Encryption);
        return options;
    }
}
