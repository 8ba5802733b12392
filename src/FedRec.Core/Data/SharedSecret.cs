using System.Security.Cryptography;
using System.Text;
using FedRec.Core.Data.Readers;

namespace FedRec.Core.Data;

/// <summary>A secret that parties agree on, so that each of them makes the same keyed hash of the same thing.</summary>
/// <remarks>The hash is HMAC-SHA256 (RFC 2104). Whoever has the secret can find out what is behind a hash by trying, so it stays with the parties:
/// it is read from a file, and never shown, logged or sent.</remarks>
public sealed class SharedSecret : IDisposable
{
    /// <summary>Bytes of a secret at least: 32, the length of what HMAC-SHA256 gives (RFC 2104, §3, advises against less).</summary>
    public const int MinBytes = 32;

    private const int MaxBytes = 4096; // whoever gives a file of interactions as the secret has mixed the two up
    private const string Advice = "Make one with 'openssl rand -hex 32 > secret.txt' and give every party the same file, over a safe channel.";
    private readonly byte[] _bytes;

    /// <summary>Copies a secret.</summary>
    /// <param name="bytes">At least <see cref="MinBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">It is too short.</exception>
    public SharedSecret(ReadOnlySpan<byte> bytes) => _bytes = bytes.Length >= MinBytes ? bytes.ToArray() : throw new ArgumentException(TooShort(bytes.Length), nameof(bytes));

    /// <summary>Reads a secret from a file. Ends of lines at its end do not belong to it, so that an editor cannot make two secrets of one.</summary>
    /// <param name="file">Holds at least 32 bytes besides ends of lines, and 4,096 bytes at most.</param>
    /// <exception cref="DatasetException">There is no such file, or it is too short or too long. No message shows any of it.</exception>
    public static SharedSecret Read(string file)
    {
        using var stream = DataFile.OpenStream(file);
        var content = new byte[MaxBytes + 1];
        try
        {
            var length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            var secret = content.AsSpan(0, length).TrimEnd("\r\n"u8);
            return length > MaxBytes ? throw new DatasetException($"The file has more than {MaxBytes} bytes, so it is probably no secret.", Advice, file)
                : secret.Length < MinBytes ? throw new DatasetException(TooShort(secret.Length), Advice, file)
                : new SharedSecret(secret);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>The first bits of the hash of a text.</summary>
    /// <param name="text">Hashed as UTF-8, exactly as it is.</param>
    /// <param name="bits">A multiple of 4 from 4 to 256.</param>
    /// <returns>Hexadecimal digits in lower case, one for 4 bits.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bits"/> is out of its range.</exception>
    public string Hash(string text, int bits) => bits is >= 4 and <= 256 && bits % 4 == 0
        ? Convert.ToHexStringLower(HMACSHA256.HashData(_bytes, Encoding.UTF8.GetBytes(text)))[..(bits / 4)]
        : throw new ArgumentOutOfRangeException(nameof(bits), bits, "A hash has a multiple of 4 bits, from 4 to 256.");

    /// <summary>Clears the secret.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);

    private static string TooShort(int length) => $"The secret has {length} bytes; it must have at least {MinBytes}.";
}
