using System.Globalization;

namespace FedRec.Core.Data;

/// <summary>Reads the point in time of an interaction.</summary>
internal static class Timestamp
{
    // Exact formats: a lenient parser would read "10-11" as a day of the current year.
    private static readonly string[] s_formats = ["yyyy-MM-dd", "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];

    /// <summary>Reads seconds since 1970 (other whole numbers keep their order just as well) or an ISO 8601 date; without an offset it is UTC.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long seconds)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out seconds))
        {
            return true;
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 1e18)
        {
            seconds = (long)Math.Floor(number);
            return true;
        }

        var ok = DateTimeOffset.TryParseExact(text, s_formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date);
        seconds = ok ? date.ToUnixTimeSeconds() : 0;
        return ok;
    }
}
