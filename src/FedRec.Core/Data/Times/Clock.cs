using System.Buffers;
using System.Globalization;

namespace FedRec.Core.Data.Times;

/// <summary>The time of day of a date, with its offset from UTC; midnight UTC when nothing was added.</summary>
internal struct Clock
{
    private static readonly SearchValues<char> s_time = SearchValues.Create("0123456789:.,");
    private bool _hasTime;
    private bool _hasOffset;
    private int _time;
    private int _offset;

    /// <summary>Seconds from midnight of the written day, in UTC; may be negative, or more than a day.</summary>
    public readonly int Seconds => _time - _offset;

    /// <summary>Billionths of a second.</summary>
    public int Fraction { get; private set; }

    /// <summary>Reads <c>13:55</c>, <c>13:55:02.599</c>, <c>PM</c>, <c>UTC</c>, <c>Z</c>, <c>+02:00</c>, or several of them.</summary>
    /// <returns>False when it is none of these, or one of them was added already.</returns>
    public bool TryAdd(ReadOnlySpan<char> text)
    {
        foreach (var range in text.Split(' '))
        {
            var word = text[range];
            if (!word.IsEmpty && !TryWord(word))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryWord(ReadOnlySpan<char> word)
    {
        if (char.IsAsciiDigit(word[0]))
        {
            var end = word.IndexOfAnyExcept(s_time);
            return !_hasTime && TryTime(end < 0 ? word : word[..end]) && (end < 0 || TryWord(word[end..]));
        }

        if (_hasTime && word.Length == 2 && (word[1] | ' ') == 'm' && (word[0] | ' ') is 'a' or 'p')
        {
            var isAfternoon = (word[0] | ' ') == 'p';
            var hour = _time / 3600;
            _time += (hour == 12 && !isAfternoon ? -12 : hour < 12 && isAfternoon ? 12 : 0) * 3600;
            return hour is >= 1 and <= 12;
        }

        return TryOffset(word);
    }

    private bool TryTime(ReadOnlySpan<char> text)
    {
        var point = text.IndexOfAny('.', ',');
        var fraction = point < 0 ? [] : text[(point + 1)..];
        Span<Range> ranges = stackalloc Range[4];
        var time = point < 0 ? text : text[..point];
        var count = time.Split(ranges, ':');
        if (count is not (2 or 3) || (point >= 0 && (fraction.IsEmpty || count < 3 || fraction.ContainsAnyExceptInRange('0', '9')))
            || !Number(time[ranges[0]], 23, out var hour) || !Number(time[ranges[1]], 59, out var minute))
        {
            return false;
        }

        var second = 0;
        if (count == 3 && !Number(time[ranges[2]], 60, out second)) // 60 is a leap second
        {
            return false;
        }

        (_hasTime, _time, Fraction) = (true, (hour * 3600) + (minute * 60) + second, TimeText.Billionths(fraction));
        return true;
    }

    private bool TryOffset(ReadOnlySpan<char> word)
    {
        if (_hasOffset)
        {
            return false;
        }

        _hasOffset = true;
        if (word.Equals("Z", StringComparison.OrdinalIgnoreCase) || word.Equals("UTC", StringComparison.OrdinalIgnoreCase) || word.Equals("GMT", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        var digits = word[1..];
        var minutes = digits.Length == 5 && digits[2] == ':' ? digits[3..] : digits.Length == 4 ? digits[2..] : "00";
        if (word[0] is not ('+' or '-') || digits.Length is not (2 or 4 or 5) || (digits.Length == 5 && digits[2] != ':') || !Number(digits[..2], 15, out var hour) || minutes.Length != 2 || !Number(minutes, 59, out var minute))
        {
            return false;
        }

        _offset = ((hour * 3600) + (minute * 60)) * (word[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool Number(ReadOnlySpan<char> text, int most, out int number)
    {
        number = 0;
        return text.Length is 1 or 2 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
    }
}
