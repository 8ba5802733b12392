using System.Security.Cryptography;
using System.Text;

namespace FedRec.Core.Data.Alignment;

/// <summary>Which item of a common catalogue each of a party's own items is, where the party alone finds it out: by title, or by a hash under a key that parties share and the catalogue's keeper need not have.</summary>
/// <remarks>The keys and hashes are those of <see cref="ItemAlignment"/>, so a catalogue of its hashes fits. What could be two items is none: neither own items that are called alike, nor those of the catalogue. Whoever has
/// the key can find out by trying what is behind a hash.</remarks>
/// <param name="byTitle">Compares titles with their years, or else ids; both without case, accents and punctuation.</param>
/// <param name="key">Hashes what is compared, and the catalogue's ids are such hashes; null to compare titles with titles.</param>
public sealed class ItemMatching(bool byTitle, SharedSecret? key)
{
    private readonly ItemHasher? _hasher = key is null ? byTitle ? null : throw new ArgumentException("Ids without a key are compared as they are.", nameof(key)) : new ItemHasher(key);

    /// <summary>What each of a party's items is compared by.</summary>
    /// <param name="own">Original ids of the party.</param>
    /// <param name="titles">Their titles; an item without one is not there.</param>
    /// <returns>An item for each key; items without a key, and those that share one, are left out.</returns>
    public IReadOnlyDictionary<string, string> KeysOf(IEnumerable<string> own, IReadOnlyDictionary<string, string> titles) =>
        Single(own.Select(item => (Key: byTitle ? titles.TryGetValue(item, out var title) ? ItemKey.OfTitle(title) : null : ItemKey.OfId(item), Item: item)).Where(one => one.Key is not null)
            .Select(one => (_hasher is null ? one.Key! : _hasher.Hash(one.Key!), one.Item)));

    /// <summary>The catalogue with the party's own ids, and its titles where the catalogue has none, in the same order.</summary>
    /// <param name="keys">What <see cref="KeysOf"/> gave.</param>
    /// <param name="own">Original ids of the party: no item that is not matched keeps one of them.</param>
    /// <param name="titles">As above.</param>
    /// <param name="items">Ids of the catalogue.</param>
    /// <param name="entries">Titles and tags of the catalogue.</param>
    public (IdMap Items, ItemCatalogue Entries) Rename(
        IReadOnlyDictionary<string, string> keys, IReadOnlySet<string> own, IReadOnlyDictionary<string, string> titles, IdMap items, ItemCatalogue entries)
    {
        var all = Enumerable.Range(0, items.Count).Select(item => items[item]).ToArray();
        var matched = _hasher is not null ? all.ToDictionary(id => id, id => keys.GetValueOrDefault(id), StringComparer.Ordinal) : ByTitle(keys, all, entries);
        var (renamed, called) = (new IdMap(), entries.Titles.ToArray());
        var taken = all.Where(id => matched.GetValueOrDefault(id) is null && !own.Contains(id)).ToHashSet(StringComparer.Ordinal);
        for (var item = 0; item < all.Length; item++)
        {
            var name = matched.GetValueOrDefault(all[item]) ?? all[item];
            if (matched.GetValueOrDefault(all[item]) is null && own.Contains(name))
            {
                name = $"catalogue:{name}"; // it is not what the party calls so
                while (own.Contains(name) || taken.Contains(name))
                {
                    name = $"catalogue:{name}";
                }

                taken.Add(name);
            }

            called[item] = called[item] == all[item] ? titles.GetValueOrDefault(name, name) : called[item]; // its title is its id: it has none
            renamed.GetOrAdd(name);
        }

        return (renamed, entries with { Titles = called });
    }

    /// <summary>SHA-256 of what items are compared by: with other titles or another key, the same rows are other data.</summary>
    public static string Fingerprint(IReadOnlyDictionary<string, string> keys)
    {
        var text = string.Concat(keys.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key.Length}:{one.Key}{one.Value.Length}:{one.Value}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static Dictionary<string, string?> ByTitle(IReadOnlyDictionary<string, string> keys, string[] all, ItemCatalogue entries)
    {
        var known = Single(all.Select((id, item) => (id, title: entries.Titles[item])).Where(one => one.title != one.id).Select(one => (ItemKey.OfTitle(one.title), one.id)));
        return known.ToDictionary(one => one.Value, one => keys.GetValueOrDefault(one.Key), StringComparer.Ordinal);
    }

    private static Dictionary<string, string> Single(IEnumerable<(string Key, string Item)> all) =>
        all.GroupBy(one => one.Key, StringComparer.Ordinal).Where(group => !group.Skip(1).Any()).ToDictionary(group => group.Key, group => group.First().Item, StringComparer.Ordinal);
}
