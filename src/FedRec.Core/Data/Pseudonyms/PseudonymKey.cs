using System.Security.Cryptography;

namespace FedRec.Core.Data.Pseudonyms;

/// <summary>The secret that parties agree on so that one person gets the same pseudonym at each of them.</summary>
/// <remarks>Whoever has it can find out who is behind a pseudonym by trying ids, so it stays with the parties: it is read from a file, and never
/// shown, logged or sent.</remarks>
public sealed class PseudonymKey : IDisposable
{
    /// <summary>Bytes that a key must have: 32, the length of what HMAC-SHA256 gives (RFC 2104, §3, advises against less).</summary>
    public const int FewestBytes = 32;

    private const int MostBytes = 1 << 20; // whoever gives a file of interactions as the key has mixed the two up
    private readonly byte[] _bytes;

    /// <summary>Copies a key.</summary>
    /// <exception cref="ArgumentException">It is too short.</exception>
    public PseudonymKey(ReadOnlySpan<byte> bytes) => _bytes = bytes.Length >= FewestBytes ? bytes.ToArray()
        : throw new ArgumentException($"The key has {bytes.Length} bytes; it must have at least {FewestBytes}.", nameof(bytes));

    /// <summary>Reads a key from a file. Ends of lines at its end do not belong to the key, so that an editor cannot make two keys of one.</summary>
    /// <exception cref="DatasetException">There is no such file, or it is too short or too long.</exception>
    public static PseudonymKey Read(string file)
    {
        const string Advice = "Make a key with 'openssl rand -hex 32 > key.txt' and give the same file to every party, over a safe channel.";
        if (!File.Exists(file))
        {
            throw new DatasetException("There is no such key file.", Advice, file);
        }

        if (new FileInfo(file).Length > MostBytes)
        {
            throw new DatasetException($"The key file is longer than {MostBytes} bytes, so it is probably no key.", Advice, file);
        }

        var content = File.ReadAllBytes(file);
        try
        {
            var key = content.AsSpan().TrimEnd("\r\n"u8);
            return key.Length >= FewestBytes ? new PseudonymKey(key)
                : throw new DatasetException($"The key has {key.Length} bytes; it must have at least {FewestBytes}.", Advice, file);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }

    /// <summary>HMAC-SHA256 of a message under the key (RFC 2104).</summary>
    /// <param name="message">Any bytes.</param>
    /// <param name="hash">Receives 32 bytes.</param>
    internal void Hash(ReadOnlySpan<byte> message, Span<byte> hash) => HMACSHA256.HashData(_bytes, message, hash);

    /// <summary>Clears the key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
