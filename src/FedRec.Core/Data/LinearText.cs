using System.Text;

namespace FedRec.Core.Data;

/// <summary>Text on a line of tab-separated fields: tabs, line ends and backslashes are written <c>\\t</c>, <c>\\n</c>, <c>\\r</c> and <c>\\\\</c>, so
/// that a line is a record and a tab ends a field, whatever an id holds.</summary>
/// <remarks>"Linear TSV" of the Dat protocol and of PostgreSQL's COPY; <c>text/tab-separated-values</c> of IANA has no tabs in fields at all.</remarks>
public static class LinearText
{
    /// <summary>The text as it is written.</summary>
    public static string Escape(string text) => text.AsSpan().IndexOfAny("\\\t\n\r") < 0 ? text
        : text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);

    /// <summary>The text that was written; a backslash before another letter stands for itself.</summary>
    public static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var escaped = text[i] == '\\' && i + 1 < text.Length ? text[i + 1] switch { 't' => '\t', 'n' => '\n', 'r' => '\r', '\\' => '\\', _ => '\0' } : '\0';
            plain.Append(escaped == '\0' ? text[i] : escaped);
            i += escaped == '\0' ? 0 : 1;
        }

        return plain.ToString();
    }
}
