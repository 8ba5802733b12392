using System.Security.Cryptography;
using System.Text;

namespace FedRec.Core.Data.Alignment;

/// <summary>Turns the key of an item into a hash under a salt that all parties share and nobody else has.</summary>
/// <remarks>HMAC-SHA-256 (RFC 2104) with the salt as key, cut to <c>width</c> bits: with 128, among 10⁹ items the chance that any two share one
/// is below 10⁻²⁰.</remarks>
internal sealed class ItemHasher
{
    /// <summary>Bytes that a salt must have at least, so that it cannot be guessed.</summary>
    public const int MinSaltBytes = 16;

    private const int MaxSaltBytes = 4096;
    private const int DefaultWidth = 128;
    private readonly byte[] _salt;
    private readonly int _width;

    /// <param name="salt">At least <see cref="MinSaltBytes"/> bytes.</param>
    /// <param name="width">Bits of a hash, a multiple of 4 from 4 to 256; tests take few, to force collisions. Default: 128.</param>
    public ItemHasher(byte[] salt, int width = DefaultWidth)
    {
        if (salt.Length < MinSaltBytes || width is < 4 or > 256 || width % 4 != 0)
        {
            throw new ArgumentException($"A salt of {salt.Length} bytes and a width of {width} bits; it takes at least {MinSaltBytes} bytes, and a multiple of 4 from 4 to 256.", nameof(salt));
        }

        (_salt, _width) = (salt, width);
    }

    /// <summary>Reads the salt from a file. White space at the end does not count, which some editors add. No message shows any of it.</summary>
    /// <exception cref="DatasetException">The file is missing, too short, or too long to be a salt.</exception>
    public static ItemHasher FromFile(string file)
    {
        using var stream = DataFile.OpenStream(file);
        var bytes = new byte[MaxSaltBytes + 1];
        var salt = bytes.AsSpan(0, stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        if (salt.Length > MaxSaltBytes)
        {
            throw new DatasetException($"The file has more than {MaxSaltBytes} bytes, too many for a salt.", "Check that it is the salt file.", file);
        }

        salt = salt.TrimEnd(" \t\r\n"u8);
        return salt.Length >= MinSaltBytes ? new ItemHasher(salt.ToArray()) : throw new DatasetException(
            $"The salt has {salt.Length} bytes; it must have at least {MinSaltBytes}.", "Make one with: openssl rand -hex 32 > salt.txt, and give every party the same file.", file);
    }

    /// <summary>The hash that other parties see, in hexadecimal digits.</summary>
    public string Hash(string key) => Digest(key)[..(_width / 4)];

    /// <summary>The id of an item that only one party has, which no other party's item can get.</summary>
    public string OwnHash(string party, string id) => Digest($"own:{party.Length}:{party}:{id}")[..(DefaultWidth / 4)];

    private string Digest(string key) => Convert.ToHexStringLower(HMACSHA256.HashData(_salt, Encoding.UTF8.GetBytes(key)));
}
