using System.Globalization;

namespace FedRec.Core.Data.Times;

/// <summary>Finds out what the times of a column count, once all of them have been read: one unit for the column, not one for each value.</summary>
/// <remarks>Numbers count seconds up to 10¹¹ (the year 5138), milliseconds up to 10¹⁴, microseconds up to 10¹⁷, else nanoseconds, as most of
/// them say; numbers that are all days, such as 20160509, are days. Numbers beside dates are seconds. Times are kept as whole numbers of the
/// finest unit that one of them needs, so that what is written again is the same instant.</remarks>
/// <param name="log">Takes the times, row by row, as <see cref="Next"/> gives them.</param>
internal sealed class TimeColumn(InteractionLog log)
{
    /// <summary>Start of 1990 in seconds since 1970: no service that recommends is older, so that smaller numbers only say an order.</summary>
    public const long Earliest = 631_152_000;

    private const long MostSeconds = 100_000_000_000;
    private readonly long[] _magnitudes = new long[5];
    private long _numbers;
    private long _recent;
    private long _told;
    private long _days;
    private long _dates;
    private long _monthFirst;
    private long _dayFirst;
    private long _monthSure;
    private TimeUnit _fraction;

    /// <summary>What was found out, in words, once the column has been finished; null for a column without times.</summary>
    public string? Words { get; private set; }

    /// <summary>What a reader of the result should know of how the times were read; null for nothing.</summary>
    public string? Note { get; private set; }

    /// <summary>The number to keep for the next row, which must be added to the log at once.</summary>
    public long Next(TimeText time)
    {
        Count(time);
        if (time.Unit > _fraction)
        {
            log.ScaleTimes(time.Unit.PerSecond() / _fraction.PerSecond());
            _fraction = time.Unit;
        }

        return time.In(_fraction);
    }

    /// <summary>Brings the times of the log to their unit.</summary>
    /// <exception cref="DatasetException">Some dates begin with a month and others with a day.</exception>
    public void Finish(string file)
    {
        if (_numbers + _dates == 0)
        {
            return;
        }

        if (_dates > 0)
        {
            FinishDates(file);
            return;
        }

        if (_days == _numbers && _fraction == TimeUnit.Seconds)
        {
            log.ChangeTimes(number => CompactDate.TryParse(number, out var seconds) ? seconds : number);
            Words = "dates as whole numbers";
            return;
        }

        var (unit, below) = (TimeUnit.Seconds, _magnitudes[0]);
        while (below * 2 < _told)
        {
            below += _magnitudes[(int)++unit];
        }

        var finest = (TimeUnit)Math.Min((int)unit + (int)_fraction, (int)TimeUnit.Nanoseconds);
        var tooFine = _fraction.PerSecond() / (finest.PerSecond() / unit.PerSecond());
        if (tooFine > 1)
        {
            log.ChangeTimes(number => number / tooFine);
        }

        log.TimeUnit = finest;
        Words = unit == TimeUnit.Seconds && _recent * 2 < _numbers ? "numbers, taken for their order" : $"{unit.Words()}{(_fraction == TimeUnit.Seconds ? "" : " with fractions")} since 1970";
    }

    private void FinishDates(string file)
    {
        if (_monthSure > 0 && _dayFirst > 0)
        {
            throw new DatasetException(
                string.Create(CultureInfo.InvariantCulture, $"Of the dates, {_monthSure} can only begin with a month (8/25/2017) and {_dayFirst} only with a day (25/8/2017)."),
                "Write them as 2017-08-25, or leave them out with --time-column none.", file);
        }

        if (_dayFirst > 0)
        {
            log.ChangeTimes(SwapDayAndMonth);
        }

        log.TimeUnit = _fraction;
        Words = $"dates{(_monthFirst + _dayFirst == 0 ? "" : _dayFirst > 0 ? " (day/month/year)" : " (month/day/year)")}{(_numbers == 0 ? "" : " and seconds since 1970")}";
        Note = _monthFirst > 0 && _monthSure + _dayFirst == 0 ? "Dates such as 5/9/2016 are read as month/day/year: none of them says which comes first." : null;
    }

    // A date with a day above 12 was never in doubt, and was read as it is.
    private long SwapDayAndMonth(long time)
    {
        var at = DateTime.UnixEpoch.AddTicks((long)Math.Floor((decimal)time * TimeSpan.TicksPerSecond / _fraction.PerSecond()));
        return at.Day > 12 ? time
            : time + ((long)(new DateTime(at.Year, at.Day, at.Month, 0, 0, 0, DateTimeKind.Utc) - at.Date).TotalSeconds * _fraction.PerSecond());
    }

    private void Count(TimeText time)
    {
        if (time.Form == TimeForm.Number)
        {
            _numbers++;
            _days += CompactDate.TryParse(time.Whole, out _) ? 1 : 0;
            _recent += time.Whole >= Earliest ? 1 : 0;
            var size = time.Whole == long.MinValue ? long.MaxValue : Math.Abs(time.Whole);
            _told += size > 0 ? 1 : 0; // 0 stands for a time that is missing as often as not
            _magnitudes[size == 0 ? 4 : size < MostSeconds ? 0 : size < MostSeconds * 1_000 ? 1 : size < MostSeconds * 1_000_000 ? 2 : 3]++;
            return;
        }

        _dates++;
        _monthFirst += time.Form == TimeForm.MonthFirst ? 1 : 0;
        _dayFirst += time.Form == TimeForm.DayFirst ? 1 : 0;
        _monthSure += time.Form == TimeForm.MonthFirst && DateTime.UnixEpoch.AddSeconds(time.Whole).Day > 12 ? 1 : 0;
    }
}

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
