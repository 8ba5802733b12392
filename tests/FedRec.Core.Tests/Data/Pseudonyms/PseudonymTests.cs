using System.Text;
using FedRec.Core.Data;
using FedRec.Core.Data.Pseudonyms;

namespace FedRec.Core.Tests.Data.Pseudonyms;

public sealed class PseudonymTests : IDisposable
{
    private const string KeyText = "a key of thirty-two bytes or more, made up for tests";
    private readonly TempFolder _folder = new();
    private readonly SharedSecret _key = new(Encoding.UTF8.GetBytes(KeyText));

    public void Dispose()
    {
        _key.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    public void Of_OneIdAtTwoParties_IsOnePseudonymOfTheLength(int bits)
    {
        using var other = new SharedSecret(Encoding.UTF8.GetBytes(KeyText));
        using var strange = new SharedSecret(Encoding.UTF8.GetBytes(KeyText.ToUpperInvariant()));
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
}
