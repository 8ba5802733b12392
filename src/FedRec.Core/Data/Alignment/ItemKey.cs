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
