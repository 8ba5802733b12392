using System.Globalization;

namespace FedRec.Cli.Output;

/// <summary>Numbers as people read them, the same in every culture.</summary>
internal static class Text
{
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Fixed(double value, int digits = 4) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    public static string Percent(double share, int digits = 1) => Fixed(share * 100, digits) + " %";

    public static string Seconds(double seconds) => seconds < 1 ? $"{Fixed(seconds * 1000, seconds < 0.01 ? 1 : 0)} ms" : seconds < 120 ? $"{Fixed(seconds, 1)} s" : $"{Fixed(seconds / 60, 1)} min";

    public static string Bytes(double bytes) => bytes switch
    {
        < 1e3 => $"{Fixed(bytes, 0)} B",
        < 1e6 => $"{Fixed(bytes / 1e3, 1)} kB",
        < 1e9 => $"{Fixed(bytes / 1e6, 1)} MB",
        _ => $"{Fixed(bytes / 1e9, 2)} GB",
    };

    /// <summary>Text of others on a terminal: what would move the cursor, colour, ring, break the line or turn the order of the letters is shown as an
    /// escape such as <c>\\u001b</c>. For people only; JSON, and files for programs, carry ids as they are.</summary>
    public static string Printable(string text) => !text.Any(Commands) ? text
        : string.Concat(text.Select(sign => !Commands(sign) ? sign.ToString() : sign switch
        {
            '\t' => "\\t",
            '\n' => "\\n",
            '\r' => "\\r",
            _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)sign:x4}"),
        }));

    // Control characters, line and paragraph separators, and marks that turn the direction of what follows (CVE-2021-42574).
    private static bool Commands(char sign) => char.IsControl(sign) || sign is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069') or '\u200E' or '\u200F' or '\u061C';

    public static string MeanAndSpread(double mean, double sd, int runs) => runs > 1 ? $"{Fixed(mean)} ± {Fixed(sd)}" : Fixed(mean);
}
