using System.Security.Cryptography;
using System.Text;
using FedRec.Core.Data;
using FedRec.Core.Data.Alignment;

namespace FedRec.Core.Tests.Data.Alignment;

public sealed class ItemKeyTests
{
    private static readonly byte[] s_salt = [.. Enumerable.Range(0, 16).Select(value => (byte)value)];

    [Theory]
    [InlineData("Godfather, The (1972)", "the godfather 1972")]
    [InlineData("The Godfather 1972", "the godfather 1972")]
    [InlineData("  Amélie – (2001) ", "amelie 2001")]
    [InlineData("AME\u0301LIE", "amelie")]
    [InlineData("Straße Łódź Ærø ÷ Ÿ ŽIŽEK", "strasse lodz aero y zizek")]
    [InlineData("Schindler's List", "schindlers list")]
    [InlineData("Lock & Key", "lock and key")]
    [InlineData("ＦＵＬＬ width", "full width")]
    [InlineData("八犬伝", "八犬伝")]
    [InlineData("???", "???")]
    public void OfTitle_WrittenDifferently_IsOneKey(string title, string expected) => Assert.Equal("title:" + expected, ItemKey.OfTitle(title));

    [Theory]
    [InlineData("AB-123", "ab123")]
    [InlineData(" ab 123", "ab123")]
    [InlineData("978-3-16-148410-0", "9783161484100")]
    [InlineData("--", "--")]
    public void OfId_WrittenDifferently_IsOneKey(string id, string expected) => Assert.Equal("id:" + expected, ItemKey.OfId(id));

    [Fact]
    public void Hash_OfAKey_IsTheHmacOfRfc2104()
    {
        // By hand from the definition: H((K ⊕ opad) ‖ H((K ⊕ ipad) ‖ message)).
        byte[] Pad(byte value) => [.. Enumerable.Range(0, 64).Select(i => (byte)((i < s_salt.Length ? s_salt[i] : 0) ^ value))];
        var inner = SHA256.HashData([.. Pad(0x36), .. Encoding.UTF8.GetBytes("title:é")]);
        var expected = Convert.ToHexStringLower(SHA256.HashData([.. Pad(0x5C), .. inner]));

        Assert.Equal(expected[..32], new ItemHasher(s_salt).Hash("title:é"));
        Assert.Equal(expected[..2], new ItemHasher(s_salt, width: 8).Hash("title:é"));
    }

    [Fact]
    public void FromFile_WithALineFeedAtTheEnd_IsTheSameSalt()
    {
        using var folder = new TempFolder();

        var (plain, edited) = (ItemHasher.FromFile(folder.Write("a", "0123456789abcdef")), ItemHasher.FromFile(folder.Write("b", "0123456789abcdef\r\n")));

        Assert.Equal(plain.Hash("x"), edited.Hash("x"));
        Assert.NotEqual(plain.Hash("x"), ItemHasher.FromFile(folder.Write("c", "0123456789abcdeg")).Hash("x"));
    }

    [Theory]
    [InlineData(15, "The salt has 15 bytes; it must have at least 16.")]
    [InlineData(0, "The salt has 0 bytes")]
    [InlineData(5000, "more than 4096 bytes")]
    public void FromFile_ThatIsNoSalt_SaysSoAndShowsNothingOfIt(int length, string expected)
    {
        using var folder = new TempFolder();
        var file = folder.Write("salt", new string('q', length));

        var error = Assert.Throws<DatasetException>(() => ItemHasher.FromFile(file));

        Assert.Contains(expected, error.What, StringComparison.Ordinal);
        Assert.DoesNotContain("qq", error.Message, StringComparison.Ordinal);
    }
}
