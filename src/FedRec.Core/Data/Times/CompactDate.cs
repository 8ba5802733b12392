namespace FedRec.Core.Data.Times;

/// <summary>Dates that are written as one number: <c>20160509</c> and <c>20160509135502</c>.</summary>
/// <remarks>As seconds the first would all lie in August 1970, as milliseconds the second beyond the year 2570.</remarks>
internal static class CompactDate
{
    private const long TimeOfDay = 1_000_000;

    /// <summary>Reads one of the years 1900 to 2100; in seconds since 1970, UTC.</summary>
    public static bool TryParse(long number, out long seconds)
    {
        seconds = 0;
        var (date, time) = number > 99_999_999 ? (number / TimeOfDay, number % TimeOfDay) : (number, 0);
        var (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
        if (year is < 1900 or > 2100 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth((int)year, (int)month) || time / 10_000 > 23 || time / 100 % 100 > 59 || time % 100 > 59)
        {
            return false;
        }

        var at = new DateTime((int)year, (int)month, (int)day, (int)(time / 10_000), (int)(time / 100 % 100), (int)(time % 100), DateTimeKind.Utc);
        seconds = (at - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;
        return true;
    }
}
