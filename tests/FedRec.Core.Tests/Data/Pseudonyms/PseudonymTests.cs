using System.Text;
using FedRec.Core.Data;
using FedRec.Core.Data.Pseudonyms;

namespace FedRec.Core.Tests.Data.Pseudonyms;

public sealed class PseudonymTests : IDisposable
{
    private const string KeyText = "a key of thirty-two bytes or more, made up for tests";
    private readonly TempFolder _folder = new();
    private readonly PseudonymKey _key = new(Encoding.UTF8.GetBytes(KeyText));

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Hash_VectorOfRfc4231_IsHmacSha256()
    {
        // Test case 6: a key of 131 bytes 0xaa.
        using var key = new PseudonymKey(Enumerable.Repeat((byte)0xaa, 131).ToArray());
        var pseudonym = new Pseudonymizer(key, 256).Of("Test Using Larger Than Block-Size Key - Hash Key First");

        Assert.Equal("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", pseudonym);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    public void Of_OneIdAtTwoParties_IsOnePseudonymOfTheLength(int bits)
    {
        using var other = new PseudonymKey(Encoding.UTF8.GetBytes(KeyText));
        using var strange = new PseudonymKey(Encoding.UTF8.GetBytes(KeyText.ToUpperInvariant()));
        var pseudonym = new Pseudonymizer(_key, bits).Of("ann@example.org");

        Assert.Equal(bits / 4, pseudonym.Length);
        Assert.Equal(pseudonym, new Pseudonymizer(other, bits).Of(" ann@example.org "));
        Assert.NotEqual(pseudonym, new Pseudonymizer(_key, bits).Of("Ann@example.org"));
        Assert.NotEqual(pseudonym, new Pseudonymizer(strange, bits).Of("ann@example.org"));
    }

    [Fact]
    public void Of_ShortPseudonyms_CountsTheIdsThatShareOne()
    {
        string[] ids = [.. Enumerable.Range(0, 40).Select(id => $"user-{id}")];

        var (pseudonyms, colliding) = new Pseudonymizer(_key, 8).Of(ids);
        var (_, none) = new Pseudonymizer(_key).Of(ids);

        Assert.Equal(ids.Count(id => pseudonyms.Count(p => p == new Pseudonymizer(_key, 8).Of(id)) > 1), colliding);
        Assert.InRange(colliding, 2, 40);
        Assert.Equal(0, none);
    }

    [Fact]
    public void Write_Collisions_WritesNothingAndNamesNobody()
    {
        var source = _folder.Write("a.csv", "user,item\n" + string.Concat(Enumerable.Range(0, 60).Select(id => $"secret-{id},x\n")));
        var target = Path.Combine(_folder.Path, "out.csv");

        var error = Assert.Throws<DatasetException>(() => PseudonymFile.Write(source, new Pseudonymizer(_key, 8), target));

        Assert.Matches("[0-9]+ of 60 user ids share their pseudonym", error.Message);
        Assert.DoesNotContain("secret-", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(target));
    }

    [Fact]
    public void Write_Events_KeepsEveryRowAndNoId()
    {
        var source = _folder.Write("a.csv", "user,item,rating,timestamp,kind\nann,x,,1,view\nann,x,,2,view\nbob,y,4.5,3,rating\n");
        var target = Path.Combine(_folder.Path, "out", "interactions.csv");

        var (report, people) = PseudonymFile.Write(source, new Pseudonymizer(_key), target);

        var (ann, bob) = (new Pseudonymizer(_key).Of("ann"), new Pseudonymizer(_key).Of("bob"));
        Assert.Equal((3, 2), (report.Rows, people));
        Assert.Equal($"user,item,rating,timestamp,kind\n{ann},x,,1,view\n{ann},x,,2,view\n{bob},y,4.5,3,rating\n", File.ReadAllText(target));
        Assert.Throws<DatasetException>(() => PseudonymFile.Write(source, new Pseudonymizer(_key), target));
    }

    [Fact]
    public void Write_ColumnOfParties_IsRefused()
    {
        var source = _folder.Write("a.csv", "user,item,party\nann,x,north\nann,y,south\n");

        var error = Assert.Throws<DatasetException>(() => PseudonymFile.Write(source, new Pseudonymizer(_key), Path.Combine(_folder.Path, "out.csv")));

        Assert.Contains("rows of 2 parties", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("too short to be a secret")]
    public void Read_ShortKey_SaysWhatToDoAndNotTheKey(string content)
    {
        var error = Assert.Throws<DatasetException>(() => PseudonymKey.Read(_folder.Write("key.txt", content)));

        Assert.Contains("at least 32", error.Message, StringComparison.Ordinal);
        Assert.Contains("openssl rand", error.Message, StringComparison.Ordinal);
        Assert.True(content.Length == 0 || !error.Message.Contains(content, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_EndsOfLines_DoNotBelongToTheKey()
    {
        using var key = PseudonymKey.Read(_folder.Write("key.txt", KeyText + "\r\n"));

        Assert.Equal(new Pseudonymizer(_key).Of("ann"), new Pseudonymizer(key).Of("ann"));
        Assert.DoesNotContain("key of", key.ToString(), StringComparison.Ordinal);
        Assert.Throws<DatasetException>(() => PseudonymKey.Read(Path.Combine(_folder.Path, "none.txt")));
    }
}
