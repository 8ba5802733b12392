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
