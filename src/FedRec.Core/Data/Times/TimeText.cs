using System.Globalization;

namespace FedRec.Core.Data.Times;

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
