using System.Globalization;
using System.Numerics;

namespace FedRec.Core.Data.Reports;

/// <summary>The only numbers that leave a party: powers of two, and fixed bands.</summary>
internal static class Buckets
{
    private const long SecondsOfDay = 86_400;
    private static readonly AgeBand[] s_ages = Enum.GetValues<AgeBand>();

    /// <summary>The largest power of two that is not above a count; 0 for 0.</summary>
    public static long Count(long count) => count <= 0 ? 0 : 1L << BitOperations.Log2((ulong)count);

    /// <summary>The end of the day of a time, in seconds since 1970.</summary>
    public static long EndOfDay(long time) => time - (((time % SecondsOfDay) + SecondsOfDay) % SecondsOfDay) + SecondsOfDay;

    /// <summary>How long a time was before the end of the newest day.</summary>
    public static AgeBand Age(long time, long newest) => s_ages.Last(age => age == AgeBand.Day || newest - time > (int)age * SecondsOfDay);
}

/// <summary>How long something was before the newest day of a federation; the value is the band's lower end in days.</summary>
public enum AgeBand
{
    /// <summary>Less than a day.</summary>
    Day = 0,

    /// <summary>A day or more, less than 7.</summary>
    Week = 1,

    /// <summary>7 days or more, less than 30.</summary>
    Month = 7,

    /// <summary>30 days or more, less than 90.</summary>
    Quarter = 30,

    /// <summary>90 days or more, less than 365.</summary>
    Year = 90,

    /// <summary>365 days or more.</summary>
    Older = 365,
}

/// <summary>A share, known only roughly.</summary>
/// <param name="From">Lower end in percent, 0 to 99; it belongs to the band.</param>
/// <param name="To">Upper end in percent; it belongs to the next band, 100 to the last one.</param>
public readonly record struct ShareBand(int From, int To)
{
    private const int Width = 5;

    // Most parties lie near the federation: 5 % would be one band for all of them. Below 1 % the cells' powers of two drown everything.
    private static readonly int[] s_driftEnds = [1, 2, 5, 10, 20, 50, 100];

    /// <summary>The band of a share in [0, 1], five percent wide; what lies a little outside by rounding goes to the nearest band.</summary>
    internal static ShareBand Of(double share)
    {
        var from = Math.Clamp((int)(share * 100 / Width), 0, (100 / Width) - 1) * Width;
        return new ShareBand(from, from + Width);
    }

    /// <summary>The band of a divergence in [0, 1]: 0, 1, 2, 5, 10, 20, 50 to 100 %.</summary>
    internal static ShareBand OfDrift(double divergence)
    {
        var place = Math.Min(s_driftEnds.Count(end => divergence * 100 >= end), s_driftEnds.Length - 1);
        return new ShareBand(place == 0 ? 0 : s_driftEnds[place - 1], s_driftEnds[place]);
    }

    /// <summary>The band as people read it, such as <c>15 to 20 %</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{From} to {To} %");
}
