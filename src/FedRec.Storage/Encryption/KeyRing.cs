using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace FedRec.Storage.Encryption;

/// <summary>A key under which blobs are encrypted, and the name by which a blob says which one it was.</summary>
/// <remarks>No method prints the bytes but <see cref="Reveal"/>.</remarks>
public sealed class StorageKey
{
    /// <summary>Bytes of a key.</summary>
    public const int Length = 32;

    /// <summary>Most letters of an id.</summary>
    public const int MaxIdLength = 32;

    private readonly byte[] _bytes;

    /// <param name="id">1 to 32 letters, digits, dots, dashes and underscores. It stands in every blob, in the open.</param>
    /// <param name="bytes">32 bytes that nobody can guess; copied.</param>
    /// <exception cref="ArgumentException">One of them is not like that; the message does not repeat the bytes.</exception>
    public StorageKey(string id, ReadOnlySpan<byte> bytes)
    {
        if (!IsId(id))
        {
            throw new ArgumentException($"A key's id has 1 to {MaxIdLength} letters, digits, dots, dashes and underscores.", nameof(id));
        }

        if (bytes.Length != Length)
        {
            throw new ArgumentException($"Key '{id}' has {bytes.Length} bytes; a key has {Length}.", nameof(bytes));
        }

        (Id, _bytes) = (id, bytes.ToArray());
    }

    /// <summary>What it is called by.</summary>
    public string Id { get; }

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Makes a key from the system's cryptographic source.</summary>
    /// <inheritdoc cref="StorageKey(string, ReadOnlySpan{byte})"/>
    public static StorageKey Create(string id) => new(id, RandomNumberGenerator.GetBytes(Length));

    /// <summary>Whether a text may be an id.</summary>
    public static bool IsId([NotNullWhen(true)] string? id) => id is { Length: > 0 and <= MaxIdLength } && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>The line of a key file, <c>id base64</c>: the secret itself.</summary>
    public string Reveal() => $"{Id} {Convert.ToBase64String(_bytes)}";

    /// <summary>The id.</summary>
    public override string ToString() => Id;
}

/// <summary>Keys in the order in which they came: the last one writes, all of them read.</summary>
public sealed class KeyRing
{
    private readonly Dictionary<string, StorageKey> _byId;

    /// <param name="keys">At least one, of different ids.</param>
    /// <exception cref="ArgumentException">There is none, or an id stands twice.</exception>
    public KeyRing(params IEnumerable<StorageKey> keys)
    {
        Keys = [.. keys];
        if (Keys.Count == 0)
        {
            throw new ArgumentException("It holds no key.", nameof(keys));
        }

        if (Keys.GroupBy(key => key.Id, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Key '{twice.Key}' stands there twice.", nameof(keys));
        }

        _byId = Keys.ToDictionary(key => key.Id, StringComparer.Ordinal);
    }

    /// <summary>All of them; the last one writes.</summary>
    public IReadOnlyList<StorageKey> Keys { get; }

    /// <summary>The key that writes.</summary>
    public StorageKey Writing => Keys[^1];

    /// <summary>The key of an id; null where there is none.</summary>
    public StorageKey? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>Reads lines <c>id base64</c>; empty ones and those that begin with <c>#</c> count for nothing, and a semicolon is as good as a new line.</summary>
    /// <exception cref="ArgumentException">Something else stands there; the message tells the line by its number, as it may hold a key.</exception>
    public static KeyRing Parse(string text)
    {
        var keys = new List<StorageKey>();
        foreach (var (number, line) in text.Split('\n', ';').Select(line => line.Trim()).Index())
        {
            if (line.Length > 0 && line[0] != '#')
            {
                keys.Add(Read(line, number + 1));
            }
        }

        return new KeyRing(keys);
    }

    private static StorageKey Read(string line, int number)
    {
        var parts = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var bytes = new byte[StorageKey.Length];
        return parts.Length == 2 && StorageKey.IsId(parts[0]) && Convert.TryFromBase64String(parts[1], bytes, out var length) && length == StorageKey.Length
            ? new StorageKey(parts[0], bytes)
            : throw new ArgumentException($"Line {number} is no key: it must be an id (1 to {StorageKey.MaxIdLength} letters, digits, dots, dashes and underscores), a space, and {StorageKey.Length} bytes in base64.");
    }
}
