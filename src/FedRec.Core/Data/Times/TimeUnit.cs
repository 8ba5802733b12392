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
