using System.Collections.Immutable;

namespace FedRec.Core.Data.Behaviours;

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
