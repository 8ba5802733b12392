using System.Text;
using System.Text.RegularExpressions;

namespace FedRec.Core.Data.Alignment;

/// <summary>Writes what people write differently in one way, so that equal things get equal hashes.</summary>
internal static partial class ItemKey
{
    /// <summary>An id without case, accents, punctuation and spaces: <c>AB-123</c> is <c>ab123</c>; signs that end a word stay, as in <c>c++</c>.</summary>
    public static string OfId(string id) => "id:" + Or(string.Concat(Words(id)), id);

    /// <summary>The words of a title, and its year where it has one: <c>Godfather, The (1972)</c> is <c>the godfather 1972</c>.</summary>
    public static string OfTitle(string title) =>
        "title:" + Or(string.Join(' ', Words(TrailingArticle().Replace(title.Trim(), "$2 $1$3").Replace("&", " and ", StringComparison.Ordinal))), title);

    private static string Or(string normal, string raw) => normal.Length > 0 ? normal : raw.Trim(); // nothing but signs

    private static List<string> Words(string text)
    {
        var (words, word) = (new List<string>(), new StringBuilder());
        var expanded = LetterFold.Expand(text) + ' ';
        for (var i = 0; i < expanded.Length; i++)
        {
            if (LetterFold.Of(expanded[i]) is var letter && (char.IsLetterOrDigit(letter) || (word.Length > 0 && EndsWord(expanded.AsSpan(i)))))
            {
                word.Append(letter);
            }
            else if (letter is not ('\'' or '’') && !LetterFold.IsAccent(letter) && word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        return words;
    }

    // C, C++ and C# are three things: plus and number signs that a word ends with are part of it.
    private static bool EndsWord(ReadOnlySpan<char> rest)
    {
        var after = rest.TrimStart("+#＋＃");
        return after.Length < rest.Length && !char.IsLetterOrDigit(after[0]);
    }

    [GeneratedRegex(@"^(.*), (the|a|an|le|la|les|l'|il|der|die|das|el)( \(\d{4}\))?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TrailingArticle();
}

/// <summary>Writes letters without case, accents and width.</summary>
/// <remarks>By a table of its own and not by Unicode normalisation of the system, which does nothing on systems without culture data: two
/// parties must get the same key on any machine.</remarks>
internal static class LetterFold
{
    // U+00C0 to U+017F; a letter that stands for two is seen to before.
    private const string Latin =
        "aaaaaaeceeeeiiiidnooooo ouuuuytsaaaaaaeceeeeiiiidnooooo ouuuuyty"
        + "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
        + "lllnnnnnnnnnooooooeerrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

    /// <summary>A letter in lower case without its accent; other signs are as they were.</summary>
    public static char Of(char letter) => letter switch
    {
        >= '\u00C0' and <= '\u017F' => Latin[letter - '\u00C0'],
        >= '\uFF01' and <= '\uFF5E' => char.ToLowerInvariant((char)(letter - 0xFEE0)), // full width
        _ => char.ToLowerInvariant(letter),
    };

    /// <summary>Writes letters that stand for two as those two.</summary>
    public static string Expand(string text) => text
        .Replace("ß", "ss", StringComparison.Ordinal)
        .Replace("æ", "ae", StringComparison.Ordinal).Replace("Æ", "AE", StringComparison.Ordinal)
        .Replace("œ", "oe", StringComparison.Ordinal).Replace("Œ", "OE", StringComparison.Ordinal)
        .Replace("þ", "th", StringComparison.Ordinal).Replace("Þ", "TH", StringComparison.Ordinal);

    /// <summary>An accent that stands as a sign of its own behind its letter.</summary>
    public static bool IsAccent(char sign) => sign is >= '\u0300' and <= '\u036F';
}

/// <summary>Turns the key of an item into a hash under a salt that all parties share and nobody else has.</summary>
/// <remarks>With 128 bits, among 10⁹ items the chance that any two share a hash is below 10⁻²⁰.</remarks>
/// <param name="salt">The parties' secret.</param>
/// <param name="bits">Bits of a hash that others see; tests take few, to force collisions. Default: 128.</param>
internal sealed class ItemHasher(SharedSecret salt, int bits = ItemHasher.DefaultBits)
{
    private const int DefaultBits = 128;

    /// <summary>The hash that other parties see.</summary>
    public string Hash(string key) => salt.Hash(key, bits);

    /// <summary>The id of an item that only one party has, which no other party's item can get.</summary>
    public string OwnHash(string party, string id) => salt.Hash($"own:{party.Length}:{party}:{id}", DefaultBits);
}

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
