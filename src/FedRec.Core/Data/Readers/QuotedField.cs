namespace FedRec.Core.Data.Readers;

/// <summary>Finds the end of a field in quotes, in which two quotes stand for one (RFC 4180), or what is wrong with it.</summary>
/// <param name="End">Behind the closing quote, or where it went wrong; −1 when more of the text is needed.</param>
/// <param name="IsDoubled">Whether there are quotes inside.</param>
/// <param name="Fault">What is wrong; null when nothing is.</param>
internal readonly record struct QuotedField(int End, bool IsDoubled, string? Fault = null)
{
    private static readonly QuotedField s_unknown = new(-1, IsDoubled: false);

    /// <summary>Looks for the end.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">The opening quote.</param>
    /// <param name="separator">Stands between fields.</param>
    /// <param name="longest">Characters of a record beyond which a quote is taken for one that is never closed.</param>
    public static QuotedField Cut(RecordText text, int start, Separator separator, int longest)
    {
        var (at, doubled) = (start + 1, false);
        while (true)
        {
            var found = text.From(at).IndexOf('"');
            if (found < 0)
            {
                return text.HasEnded || text.End - text.Start >= longest
                    ? new(text.End, doubled, "a quote opens here and is never closed; a quote inside a quoted field is doubled") : s_unknown;
            }

            at += found + 1;
            if (at == text.End && !text.HasEnded)
            {
                return s_unknown;
            }

            if (at < text.End && text[at] == '"')
            {
                (at, doubled) = (at + 1, true);
                continue;
            }

            return at == text.End || text[at] is '\r' or '\n' || separator.IsAt(text.From(at)) ? new(at, doubled)
                : new(at, doubled, text[at - 2] == '\\' && at - 2 > start
                    ? "a quote is written as \\\"; inside a quoted field it is doubled (\"\")"
                    : "text follows a closing quote; a quote inside a quoted field is doubled (\"\")");
        }
    }

    /// <summary>Makes one quote of each two.</summary>
    /// <returns>Characters that are left.</returns>
    public static int Undouble(Span<char> field)
    {
        var to = 0;
        for (var from = 0; from < field.Length; from++)
        {
            field[to++] = field[from];
            from += field[from] == '"' ? 1 : 0;
        }

        return to;
    }
}
