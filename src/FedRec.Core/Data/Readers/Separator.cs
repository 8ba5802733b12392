namespace FedRec.Core.Data.Readers;

/// <summary>What stands between the fields of a line.</summary>
/// <param name="First">Its first character; <c>\0</c> when a line is one field.</param>
/// <param name="Kind">How it is found.</param>
internal readonly record struct Separator(char First, SeparatorKind Kind = SeparatorKind.Character)
{
    /// <summary>Nothing: a line is one field.</summary>
    public static readonly Separator None = new('\0');

    /// <summary>Two colons, as in MovieLens 1M and 10M.</summary>
    public static readonly Separator Colons = new(':', SeparatorKind.Doubled);

    /// <summary>Any number of blanks and tabs; those around a line belong to no field.</summary>
    public static readonly Separator Blanks = new(' ', SeparatorKind.Blanks);

    /// <summary>All that are looked for in a file, the surest first.</summary>
    public static readonly Separator[] All = [Colons, new('\t'), new(';'), new('|'), new(','), Blanks];

    /// <summary>Characters of one separator; of blanks the least number.</summary>
    public int Length => Kind == SeparatorKind.Doubled ? 2 : 1;

    /// <summary>In words, as in <c>with tabs between them</c>.</summary>
    public string Words => Kind switch
    {
        SeparatorKind.Doubled => $"{First}{First}",
        SeparatorKind.Blanks => "blanks",
        _ => First switch { '\t' => "tabs", ',' => "commas", ';' => "semicolons", '|' => "bars", _ => $"'{First}'" },
    };

    /// <summary>Whether a text begins with it.</summary>
    public bool IsAt(ReadOnlySpan<char> text) => Kind switch
    {
        SeparatorKind.Blanks => text[0] is ' ' or '\t',
        SeparatorKind.Doubled => text[0] == First && text.Length > 1 && text[1] == First,
        _ => text[0] == First,
    };

    /// <summary>Reads what a user gave: one character, two equal ones, or <c>tab</c>, <c>comma</c>, <c>semicolon</c>, <c>bar</c>, <c>blanks</c>.</summary>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static Separator Parse(string text) => text switch
    {
        "tab" or "\\t" => new('\t'),
        "comma" => new(','),
        "semicolon" => new(';'),
        "bar" or "pipe" => new('|'),
        "blanks" or "space" or " " => Blanks,
        [var one] when IsUsable(one) => new(one),
        [var one, var two] when one == two && IsUsable(one) => new(one, SeparatorKind.Doubled),
        _ => throw new ArgumentException($"The separator is '{text}'; it must be one character, the same character twice, or one of tab, comma, semicolon, bar and blanks."),
    };

    private static bool IsUsable(char c) => !char.IsLetterOrDigit(c) && c is not ('"' or '\r' or '\n' or '\0' or '-' or '.' or '\uFFFD') && !char.IsSurrogate(c);
}

/// <summary>How a separator is found in a line.</summary>
internal enum SeparatorKind
{
    /// <summary>One character.</summary>
    Character,

    /// <summary>The same character twice.</summary>
    Doubled,

    /// <summary>A run of blanks and tabs.</summary>
    Blanks,
}
