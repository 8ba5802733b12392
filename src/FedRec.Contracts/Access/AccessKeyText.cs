using System.Security.Cryptography;
using System.Text;

namespace FedRec.Contracts.Access;

/// <summary>A key as its owner has it: <c>frk_</c>, an id of 12 hexadecimal digits that may be shown, and 256 random bits that may not.</summary>
/// <remarks>The word in front lets scanners find a key that was checked in. It is hashed once and without salt: there is nothing to try where every key is equally likely.</remarks>
public sealed class AccessKeyText
{
    private const string Word = "frk_";
    private const int IdDigits = 12;
    private const int SecretDigits = 64;
    private readonly string _text;

    private AccessKeyText(string text) => (_text, Hash) = (text, SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    /// <summary>The readable part.</summary>
    public string Id => _text.Substring(Word.Length, IdDigits);

    /// <summary>SHA-256 of the whole text.</summary>
    public ReadOnlyMemory<byte> Hash { get; }

    /// <summary>A new key.</summary>
    public static AccessKeyText Create() => new($"{Word}{RandomNumberGenerator.GetHexString(IdDigits, lowercase: true)}_{RandomNumberGenerator.GetHexString(SecretDigits, lowercase: true)}");

    /// <summary>Reads a key; null for a text that is none.</summary>
    public static AccessKeyText? Read(string text) => text.Length == Word.Length + IdDigits + 1 + SecretDigits && text.StartsWith(Word, StringComparison.Ordinal) && text[Word.Length + IdDigits] == '_'
        && IsId(text.Substring(Word.Length, IdDigits)) && text[(Word.Length + IdDigits + 1)..].All(char.IsAsciiHexDigitLower) ? new(text) : null;

    /// <summary>Whether a text can be the id of a key.</summary>
    public static bool IsId(string text) => text.Length == IdDigits && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether it is the key of a hash; takes the same time wherever they differ.</summary>
    public bool IsOf(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(Hash.Span, hash);

    /// <summary>The key itself, for its owner and nobody else.</summary>
    public string Reveal() => _text;

    /// <summary>The readable part, so that no message or log ever shows more.</summary>
    public override string ToString() => $"{Word}{Id}_…";
}
