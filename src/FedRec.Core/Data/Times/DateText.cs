using System.Globalization;

namespace FedRec.Core.Data.Times;

/// <summary>Reads dates in the forms in which data sets write them.</summary>
/// <remarks>ISO 8601 with <c>T</c> or a blank, with fractions and offsets or <c>UTC</c>; <c>Fri Aug 25 13:55:02 -0700 2017</c> (Goodreads,
/// Twitter); RFC 1123; <c>Aug 25, 2017</c>, <c>25 Aug 2017</c>, <c>08 25, 2017</c> (Amazon); <c>8/25/2017 8:26</c> and <c>25.8.2017</c>.
/// Nothing is guessed: a text without a year of four digits is no date.</remarks>
internal static class DateText
{
    private static readonly string[] s_months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] s_days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// <summary>Reads a date; false when it is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeText time)
    {
        time = default;
        if (text.Length is < 8 or > 64 || !text.ContainsAnyInRange('0', '9'))
        {
            return false;
        }

        var form = TimeForm.Date;
        Clock clock = default;
        var parts = new DateParts();
        var first = text.IndexOfAny("Tt ");
        if (first is >= 8 and <= 10 && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[first - 1]) && text[..first].ContainsAny("-/."))
        {
            if (!TryNumbers(text[..first], ref parts, ref form) || !clock.TryAdd(text[(first + 1)..]))
            {
                return false;
            }
        }
        else if (first < 0)
        {
            if (!TryNumbers(text, ref parts, ref form))
            {
                return false;
            }
        }
        else if (!TryWords(text, ref parts, ref clock))
        {
            return false;
        }

        return parts.TryMake(clock, form, out time);
    }

    // 2017-08-25, 2017/8/25, 8/25/2017, 25.08.2017.
    private static bool TryNumbers(ReadOnlySpan<char> date, ref DateParts parts, ref TimeForm form)
    {
        Span<Range> ranges = stackalloc Range[4];
        if (date.SplitAny(ranges, "-/.") != 3 || !TryNumber(date[ranges[0]], out var a) || !TryNumber(date[ranges[1]], out var b) || !TryNumber(date[ranges[2]], out var c))
        {
            return false;
        }

        if (ranges[0].End.Value == 4)
        {
            parts = new DateParts { Year = a, Month = b, Day = c };
            return date[ranges[1]].Length <= 2 && date[ranges[2]].Length <= 2;
        }

        var dayFirst = a > 12 || date.Contains('.');
        form = date.Contains('.') ? TimeForm.Date : dayFirst ? TimeForm.DayFirst : TimeForm.MonthFirst;
        parts = new DateParts { Year = c, Month = dayFirst ? b : a, Day = dayFirst ? a : b };
        return date[ranges[2]].Length == 4 && !date.Contains('-');
    }

    // Words and numbers in any order that leaves no doubt: a day of the week, a month, a day, a year, a time of day, an offset.
    private static bool TryWords(ReadOnlySpan<char> text, ref DateParts parts, ref Clock clock)
    {
        var (months, numbers) = (0, 0);
        foreach (var range in text.SplitAny(" ,"))
        {
            var word = text[range];
            if (word.IsEmpty)
            {
                continue;
            }

            if (char.IsAsciiLetter(word[0]) && IndexOf(s_months, word) is >= 0 and var month)
            {
                (parts.Month, months) = (month + 1, months + 1);
            }
            else if (TryNumber(word, out var number))
            {
                numbers++;
                parts.Add(number, isYear: word.Length == 4);
            }
            else if (!(char.IsAsciiLetter(word[0]) && IndexOf(s_days, word) >= 0) && !clock.TryAdd(word))
            {
                return false;
            }
        }

        return (months == 1 && numbers == 2) || (months == 0 && numbers == 3 && text.Contains(','));
    }

    private static int IndexOf(string[] names, ReadOnlySpan<char> word)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (word.Length >= 3 && word.StartsWith(names[i], StringComparison.OrdinalIgnoreCase) && !word.ContainsAnyInRange('0', '9'))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        return text.Length is >= 1 and <= 4 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private struct DateParts
    {
        public int Year, Month, Day;

        // A month that has no name stands before its day: 08 25, 2017.
        public void Add(int number, bool isYear)
        {
            if (isYear)
            {
                Year = number;
            }
            else if (Day == 0)
            {
                Day = number;
            }
            else
            {
                (Month, Day) = (Day, number);
            }
        }

        public readonly bool TryMake(Clock clock, TimeForm form, out TimeText time)
        {
            time = default;
            if (Year is < 1 or > 9999 || Month is < 1 or > 12 || Day < 1 || Day > DateTime.DaysInMonth(Year, Month))
            {
                return false;
            }

            var day = new DateTime(Year, Month, Day, 0, 0, 0, DateTimeKind.Utc);
            var seconds = ((day - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond) + clock.Seconds;
            time = seconds < 0 && clock.Fraction > 0 ? new TimeText(seconds + 1, clock.Fraction - 1_000_000_000, form) : new TimeText(seconds, clock.Fraction, form);
            return true;
        }
    }
}
