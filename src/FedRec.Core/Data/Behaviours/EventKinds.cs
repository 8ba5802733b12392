using System.Collections.Frozen;
using System.Collections.Immutable;

namespace FedRec.Core.Data.Behaviours;

/// <summary>What a user did with an item, from the weakest sign of interest to the strongest.</summary>
/// <remarks>The order decides which event of an item is kept and which interaction is held out, so its numbers are fixed.</remarks>
public enum EventKind : byte
{
    /// <summary>Saw its page.</summary>
    View = 0,

    /// <summary>Clicked on it where it was shown among others.</summary>
    Click = 1,

    /// <summary>Put it aside: into a cart, or among favourites.</summary>
    Cart = 2,

    /// <summary>Rated it, well or badly.</summary>
    Rating = 3,

    /// <summary>Bought it.</summary>
    Purchase = 4,
}

/// <summary>The words by which tables of the field name kinds of events.</summary>
/// <remarks>Words are compared without case, spaces, dashes and underscores. Among them are those of Taobao's user behaviour data
/// (<c>pv</c>, <c>cart</c>, <c>fav</c>, <c>buy</c>) and of Retailrocket (<c>view</c>, <c>addtocart</c>, <c>transaction</c>).</remarks>
public static class EventKinds
{
    private static readonly ImmutableArray<string[]> s_words =
    [
        ["view", "pv", "pageview", "detail", "browse"],
        ["click"],
        ["cart", "addtocart", "basket", "fav", "favorite", "favourite", "wishlist"],
        ["rating", "rate"],
        ["purchase", "transaction", "buy", "order"],
    ];

    /// <summary>All kinds, the weakest first.</summary>
    public static ImmutableArray<EventKind> All { get; } = [.. Enum.GetValues<EventKind>()];

    /// <summary>The name of a kind, such as <c>purchase</c>.</summary>
    public static string NameOf(EventKind kind) => s_words[(int)kind][0];

    /// <summary>The names of all kinds, the weakest first.</summary>
    public static string Names => string.Join(", ", All.Select(NameOf));

    /// <summary>Reads a word.</summary>
    /// <returns>False when no kind is called so.</returns>
    public static bool TryParse(ReadOnlySpan<char> word, out EventKind kind)
    {
        Span<char> letters = stackalloc char[16];
        var count = 0;
        kind = default;
        foreach (var letter in word)
        {
            if (letter is ' ' or '-' or '_')
            {
                continue;
            }

            if (count == letters.Length)
            {
                return false; // longer than every word
            }

            letters[count++] = char.ToLowerInvariant(letter);
        }

        return TryFind(letters[..count], out kind);
    }

    private static bool TryFind(ReadOnlySpan<char> letters, out EventKind kind)
    {
        foreach (var candidate in All)
        {
            foreach (var word in s_words[(int)candidate])
            {
                if (letters.SequenceEqual(word))
                {
                    kind = candidate;
                    return true;
                }
            }
        }

        kind = default;
        return false;
    }
}

/// <summary>How often a kind of event occurs, and what it counts for.</summary>
/// <param name="Kind">Its name, such as <c>purchase</c>.</param>
/// <param name="Events">Rows of the kind, before events of the same user and item were merged.</param>
/// <param name="Interactions">Pairs of user and item whose strongest event is of the kind.</param>
/// <param name="Weight">What such an interaction counts in training; 0 leaves it out.</param>
public sealed record KindCount(string Kind, long Events, long Interactions, float Weight);

/// <summary>What the words or numbers of one data set say of kinds, beside the words that are known anyway.</summary>
internal sealed class KindWords
{
    private readonly FrozenDictionary<string, EventKind> _own;
    private readonly FrozenDictionary<string, EventKind>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    private KindWords(Dictionary<string, EventKind> own)
    {
        _own = own.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _lookup = _own.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Reads <c>0=view,2=cart,3=purchase</c>; null for no words of its own.</summary>
    /// <exception cref="ArgumentException">A part is not of this form, or a word comes twice.</exception>
    public static KindWords Parse(string? text)
    {
        var own = new Dictionary<string, EventKind>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in text?.Split(',') ?? [])
        {
            var sides = part.Split('=');
            if (sides.Length != 2 || sides[0].Trim().Length == 0 || !EventKinds.TryParse(sides[1], out var kind))
            {
                throw new ArgumentException($"The kind '{part.Trim()}' is not of the form word=kind with a kind of {EventKinds.Names}; write 0=view,2=cart,3=purchase, for example.");
            }

            if (!own.TryAdd(sides[0].Trim(), kind))
            {
                throw new ArgumentException($"The kinds '{text}' name the word '{sides[0].Trim()}' twice; name it once.");
            }
        }

        return new KindWords(own);
    }

    /// <summary>Reads a word of a file, trimmed.</summary>
    public bool TryParse(ReadOnlySpan<char> word, out EventKind kind) => _lookup.TryGetValue(word, out kind) || EventKinds.TryParse(word, out kind);
}
