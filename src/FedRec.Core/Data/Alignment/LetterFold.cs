namespace FedRec.Core.Data.Alignment;

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
