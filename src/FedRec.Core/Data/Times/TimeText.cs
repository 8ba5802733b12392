using System.Globalization;

namespace FedRec.Core.Data.Times;

/// <summary>What the numbers count that say when something happened; the finest that a file needs, so that none of its times loses anything.</summary>
public enum TimeUnit
{
    /// <summary>Seconds since 1970, or other whole numbers that say an order.</summary>
    Seconds = 0,

    /// <summary>Thousandths of a second.</summary>
    Milliseconds = 1,

    /// <summary>Millionths of a second.</summary>
    Microseconds = 2,

    /// <summary>Billionths of a second: from 1677 to 2262.</summary>
    Nanoseconds = 3,
}

/// <summary>Conversions between units of time.</summary>
public static class TimeUnits
{
    private static readonly long[] s_perSecond = [1, 1_000, 1_000_000, 1_000_000_000];

    /// <summary>How many of them a second has.</summary>
    public static long PerSecond(this TimeUnit unit) => s_perSecond[(int)unit];

    /// <summary>How many of them a day has.</summary>
    public static double PerDay(this TimeUnit unit) => 86_400.0 * unit.PerSecond();

    /// <summary>Its name: <c>milliseconds</c>.</summary>
    public static string Words(this TimeUnit unit) => unit switch
    {
        TimeUnit.Seconds => "seconds",
        TimeUnit.Milliseconds => "milliseconds",
        TimeUnit.Microseconds => "microseconds",
        _ => "nanoseconds",
    };

    /// <summary>A time in a finer unit; what is too far away for it becomes the nearest that there is.</summary>
    public static long To(this TimeUnit unit, TimeUnit finer, long time) => Scale(time, s_perSecond[finer - unit]);

    /// <summary>Whole seconds, rounded down.</summary>
    public static long ToSeconds(this TimeUnit unit, long time) => (long)Math.Floor((decimal)time / unit.PerSecond());

    /// <summary>When it is; null for a number that says an order only, or that no calendar has.</summary>
    public static DateTimeOffset? ToInstant(this TimeUnit unit, long time) =>
        unit.ToSeconds(time) is >= TimeColumn.Earliest and var seconds && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>The finer of two units.</summary>
    public static TimeUnit Finer(TimeUnit one, TimeUnit other) => one > other ? one : other;

    /// <summary>A product that stays within the numbers there are.</summary>
    internal static long Scale(long time, long factor) =>
        factor == 1 ? time
        : Math.Abs((decimal)time) <= long.MaxValue / factor ? time * factor
        : time < 0 ? long.MinValue : long.MaxValue;
}

/// <summary>A point in time as it was written: a number, or a date in seconds since 1970, with the digits of its fraction.</summary>
/// <param name="Whole">The number without its fraction, rounded towards 0.</param>
/// <param name="Fraction">Billionths, of the sign of the number.</param>
/// <param name="Form">How it was written.</param>
internal readonly record struct TimeText(long Whole, int Fraction, TimeForm Form)
{
    private const int FractionDigits = 9;

    /// <summary>Reads a number or a date; a date without an offset is UTC.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeText time)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            time = new TimeText(whole, 0, TimeForm.Number);
            return true;
        }

        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            var isFinite = Math.Abs(number) < long.MaxValue;
            time = !isFinite ? default : new TimeText((long)number, (int)(number % 1 * 1_000_000_000), TimeForm.Number);
            return isFinite;
        }

        return DateText.TryParse(text, out time);
    }

    /// <summary>Digits after the point in billionths: <c>5</c> gives 500,000,000. More than nine are cut off.</summary>
    public static int Billionths(ReadOnlySpan<char> digits)
    {
        var value = 0;
        for (var i = 0; i < FractionDigits; i++)
        {
            value = (value * 10) + (i < digits.Length ? digits[i] - '0' : 0);
        }

        return value;
    }

    /// <summary>The coarsest unit that loses nothing of the fraction.</summary>
    public TimeUnit Unit => Fraction == 0 ? TimeUnit.Seconds : Fraction % 1_000_000 == 0 ? TimeUnit.Milliseconds : Fraction % 1_000 == 0 ? TimeUnit.Microseconds : TimeUnit.Nanoseconds;

    /// <summary>The number in thousandths, millionths or billionths, as the unit says; at least <see cref="Unit"/>.</summary>
    public long In(TimeUnit unit) => Fraction == 0 ? TimeUnits.Scale(Whole, unit.PerSecond()) : Add(TimeUnits.Scale(Whole, unit.PerSecond()), Fraction / (1_000_000_000 / unit.PerSecond()));

    private static long Add(long whole, long fraction) => whole is long.MinValue or long.MaxValue ? whole : whole + fraction;
}

/// <summary>How a time was written.</summary>
internal enum TimeForm
{
    /// <summary>As a number, whose unit only all numbers of a column tell.</summary>
    Number,

    /// <summary>As a date that can be read in one way only.</summary>
    Date,

    /// <summary>As <c>12/1/2010</c>, read as month and day though it may be day and month.</summary>
    MonthFirst,

    /// <summary>As <c>25/8/2017</c>, which cannot begin with a month.</summary>
    DayFirst,
}
