namespace FedRec.Core.Data.Alignment;

/// <summary>The items of one party under their hashes: made by the party itself, which shows others <see cref="Hashes"/> only.</summary>
internal sealed class HashedItems
{
    private readonly string?[] _hashOf;

    private HashedItems(string?[] hashOf, int collisions, int withoutKey)
    {
        (_hashOf, Collisions, WithoutKey) = (hashOf, collisions, withoutKey);
        Hashes = hashOf.OfType<string>().ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Hashes of the items that have one for themselves.</summary>
    public IReadOnlySet<string> Hashes { get; }

    /// <summary>Items that have the hash of another item of the same party. Which of them another party means cannot be told, so none is matched.</summary>
    public int Collisions { get; }

    /// <summary>Items that have no title, where titles are compared.</summary>
    public int WithoutKey { get; }

    /// <summary>Number of items.</summary>
    public int Count => _hashOf.Length;

    /// <summary>Hashes a party's items.</summary>
    /// <param name="keys">The key of each item; null for an item that has none.</param>
    /// <param name="hasher">With the salt that all parties share.</param>
    public static HashedItems Of(IReadOnlyList<string?> keys, ItemHasher hasher)
    {
        var hashes = keys.Select(key => key is null ? null : hasher.Hash(key)).ToArray();
        var twice = hashes.OfType<string>().GroupBy(hash => hash, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        return new HashedItems(
            Array.ConvertAll(hashes, hash => hash is not null && twice.Contains(hash) ? null : hash),
            hashes.Count(hash => hash is not null && twice.Contains(hash)),
            hashes.Count(hash => hash is null));
    }

    /// <summary>The hash of an item; null when it has none for itself.</summary>
    public string? this[int item] => _hashOf[item];
}
