using System.Security.Cryptography;
using System.Text;
using FedRec.Storage.Encryption;

namespace FedRec.Integration.Tests.Storage.Encryption;

/// <summary>What is encrypted opens as it was, at its place and with its key, and not at all when anything of it is another.</summary>
public sealed class EnvelopeTests
{
    private const string Place = "models/shop/v00000001/manifest";
    private const int Head = 8 + 2 + 2 + 32; // with a key id of two letters
    private const int Tag = 16;
    private static readonly StorageKey s_key = new("k1", [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    /// <summary>Around the ends of chunks, and some of any size.</summary>
    public static TheoryData<int> Sizes => [0, 1, 15, 16, 17, Envelope.ChunkSize - 1, Envelope.ChunkSize, Envelope.ChunkSize + 1, (2 * Envelope.ChunkSize) - 1, 2 * Envelope.ChunkSize, (2 * Envelope.ChunkSize) + 1, .. Random(8, seed: 1)];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Open_OfWhatWasSealed_IsTheContent_AndNothingOfItIsReadable(int size)
    {
        var content = Content(size);

        var stored = Envelope.Seal(content, s_key, Place);

        Assert.Equal(content, Open(stored));
        Assert.Equal(Head + size + (Tag * Math.Max(1, (size + Envelope.ChunkSize - 1) / Envelope.ChunkSize)), stored.Length);
        Assert.Equal("k1", Envelope.KeyIdOf(stored.AsSpan(0, Math.Min(stored.Length, Envelope.HeadLength))));
        for (var at = 0; at + 16 <= size; at += Math.Max(16, size / 64))
        {
            Assert.Equal(-1, stored.AsSpan().IndexOf(content.AsSpan(at, 16)));
        }
    }

    // Made by Node's crypto: HKDF-SHA256, AES-256-GCM.
    [Fact]
    public void Seal_WithAKnownSalt_HasTheBytesOfAnotherImplementation()
    {
        byte[] salt = [.. Enumerable.Range(0, 32).Select(i => (byte)(255 - i))];
        byte[] large = [.. Enumerable.Range(0, (1 << 20) + 3).Select(i => (byte)(i * 7))];

        Assert.Equal("8946525345410d0a01026b31fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e014c768340f1bf10fa0b16cbd11797d2fd4d115db8cd1",
            Convert.ToHexStringLower(Envelope.Seal("FedRec"u8, s_key, Place, salt)));
        Assert.Equal("2d4530012067817f5b93044562efe5998dc22216c285ad788db6a37963fcbf1e", Convert.ToHexStringLower(SHA256.HashData(Envelope.Seal(large, s_key, Place, salt))));
    }

    [Fact]
    public void Seal_TheSameTwice_HasNothingInCommonBehindTheHead()
    {
        var (first, second) = (Envelope.Seal(new byte[64], s_key, Place), Envelope.Seal(new byte[64], s_key, Place));

        for (var at = Head - 32; at + 16 <= first.Length; at += 16)
        {
            Assert.Equal(-1, second.AsSpan().IndexOf(first.AsSpan(at, 16)));
        }
    }

    [Fact]
    public void Open_AnyBitChanged_IsNoContent()
    {
        var stored = Envelope.Seal(Content(40), s_key, Place);

        for (var bit = 0; bit < 8 * stored.Length; bit++)
        {
            AssertDamaged(stored, changed => changed[bit / 8] ^= (byte)(1 << (bit % 8)), $"bit {bit}");
        }
    }

    [Fact]
    public void Open_AnyBitOfALargeOneChanged_IsNoContent()
    {
        var stored = Envelope.Seal(Content((2 * Envelope.ChunkSize) + 100), s_key, Place);

        foreach (var at in Random(20, seed: 2).Select(number => number % stored.Length))
        {
            AssertDamaged(stored, changed => changed[at] ^= 1, $"byte {at}");
        }
    }

    [Fact]
    public void Open_CutOffAnywhere_OrLonger_IsNoContent()
    {
        var stored = Envelope.Seal(Content(40), s_key, Place);

        Assert.All(Enumerable.Range(0, stored.Length), length => Assert.Null(Open(stored[..length])));
        Assert.Null(Open([.. stored, 0]));
        Assert.Null(Open([.. stored, .. new byte[Tag]]));
    }

    [Fact]
    public void Open_ChunksLeftOut_Repeated_OrInAnotherOrder_IsNoContent()
    {
        var stored = Envelope.Seal(new byte[3 * Envelope.ChunkSize], s_key, Place); // chunks of the same content
        byte[] Chunks(params int[] numbers) => [.. stored[..Head], .. numbers.SelectMany(number => stored.Skip(Head + (number * (Envelope.ChunkSize + Tag))).Take(Envelope.ChunkSize + Tag))];

        Assert.NotNull(Open(Chunks(0, 1, 2)));
        Assert.All(new int[][] { [0], [0, 1], [0, 2], [1, 2], [2], [0, 1, 1], [1, 0, 2], [0, 1, 2, 2], [0, 2, 1], [0, 1, 2, 0], [] }, order => Assert.Null(Open(Chunks(order))));
    }

    [Fact]
    public void Open_AtAnotherPlace_OrWithAnotherKeyOfItsId_IsNoContent()
    {
        var stored = Envelope.Seal(Content(40), s_key, Place);

        Assert.Null(Envelope.TryOpen(stored, s_key, "models/shop/v00000002/manifest"));
        Assert.Null(Envelope.TryOpen(stored, s_key, "model/sshop/v00000001/manifest"));
        Assert.Null(Envelope.TryOpen(stored, StorageKey.Create("k1"), Place));
        Assert.Null(Envelope.TryOpen(stored, new StorageKey("k2", Convert.FromBase64String(s_key.Reveal()[3..])), Place));
    }

    [Fact]
    public void IsSealed_OfWhatFedRecStoresInTheOpen_IsFalse()
    {
        foreach (var plain in new[] { "", "{}", "{\"federation\":\"shop\"}", "\u0089FRSEA" })
        {
            Assert.False(Envelope.IsSealed(Encoding.UTF8.GetBytes(plain)));
            Assert.Null(Envelope.KeyIdOf(Encoding.UTF8.GetBytes(plain)));
        }
    }

    // As a reader does it: by the key that the blob names.
    private static byte[]? Open(byte[] stored) => Envelope.KeyIdOf(stored) == s_key.Id ? Envelope.TryOpen(stored, s_key, Place) : null;

    private static void AssertDamaged(byte[] stored, Action<byte[]> change, string where)
    {
        var changed = stored.ToArray();
        change(changed);
        Assert.True(Open(changed) is null, where);
    }

    private static byte[] Content(int size)
    {
        var content = new byte[size];
        new Random(size).NextBytes(content);
        return content;
    }

    private static int[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return Enumerable.Range(0, count).Select(_ => random.Next(3 * Envelope.ChunkSize)).ToArray();
    }
}
