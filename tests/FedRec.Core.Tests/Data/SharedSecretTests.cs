using System.Security.Cryptography;
using System.Text;
using FedRec.Core.Data;
using FedRec.Core.Data.Alignment;
using FedRec.Core.Data.Pseudonyms;

namespace FedRec.Core.Tests.Data;

public sealed class SharedSecretTests : IDisposable
{
    private const string Hex = "2f8a51c07d3e4b96a1f0c2d4e6b8097153759bdf13579bdf02468ace0f1e2d3c"; // as of openssl rand -hex 32
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Hash_VectorOfRfc4231_IsHmacSha256()
    {
        // Test case 6: a key of 131 bytes 0xaa.
        using var secret = new SharedSecret(Enumerable.Repeat((byte)0xaa, 131).ToArray());

        Assert.Equal(
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", secret.Hash("Test Using Larger Than Block-Size Key - Hash Key First", 256));
        Assert.Equal("60e4", secret.Hash("Test Using Larger Than Block-Size Key - Hash Key First", 16));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\n\n")]
    public void Read_EndsOfLines_DoNotBelongToTheSecret(string end)
    {
        using var secret = Read(Hex + end);
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Hex), "é"u8));

        Assert.Equal(expected, secret.Hash("é", 256));
        Assert.Equal(expected[..32], new Pseudonymizer(secret).Of("é"));
        Assert.Equal(expected[..32], new ItemHasher(secret).Hash("é"));
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("\n0")]
    public void Read_AnythingElse_BelongsToTheSecret(string more)
    {
        using var secret = Read(Hex);
        using var other = Read(Hex + more);

        Assert.NotEqual(secret.Hash("x", 256), other.Hash("x", 256));
    }

    [Theory]
    [InlineData(0, "The secret has 0 bytes; it must have at least 32.")]
    [InlineData(31, "The secret has 31 bytes; it must have at least 32.")]
    [InlineData(4097, "The file has more than 4096 bytes, so it is probably no secret.")]
    public void Read_NoSecret_SaysWhatToDoAndShowsNothingOfIt(int length, string expected)
    {
        var error = Assert.Throws<DatasetException>(() => Read(new string('q', length)));

        Assert.Equal(expected, error.What);
        Assert.Contains("openssl rand -hex 32", error.Next, StringComparison.Ordinal);
        Assert.DoesNotContain("qq", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32)]
    [InlineData(4096)]
    public void Read_AtTheBounds_IsASecretThatIsNotShown(int length)
    {
        using var secret = Read(new string('q', length));

        Assert.DoesNotContain("qq", secret.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MissingFile_NamesIt() =>
        Assert.EndsWith("none.txt", Assert.Throws<DatasetException>(() => SharedSecret.Read(Path.Combine(_folder.Path, "none.txt"))).File, StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(260)]
    public void Hash_OfAnotherWidth_IsRefused(int bits)
    {
        using var secret = Read(Hex);

        Assert.Equal("bits", Assert.Throws<ArgumentOutOfRangeException>(() => secret.Hash("x", bits)).ParamName);
    }

    private SharedSecret Read(string content) => SharedSecret.Read(_folder.Write("secret.txt", content));
}
