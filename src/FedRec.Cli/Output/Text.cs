using System.Globalization;

namespace FedRec.Cli.Output;

/// <summary>Numbers as people read them, the same in every culture.</summary>
internal static class Text
{
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Fixed(double value, int digits = 4) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    public static string Percent(double share, int digits = 1) => Fixed(share * 100, digits) + " %";

    public static string Seconds(double seconds) => seconds < 1 ? $"{Fixed(seconds * 1000, seconds < 0.01 ? 1 : 0)} ms" : seconds < 120 ? $"{Fixed(seconds, 1)} s" : $"{Fixed(seconds / 60, 1)} min";

    public static string Bytes(double bytes) => bytes switch
    {
        < 1e3 => $"{Fixed(bytes, 0)} B",
        < 1e6 => $"{Fixed(bytes / 1e3, 1)} kB",
        < 1e9 => $"{Fixed(bytes / 1e6, 1)} MB",
        _ => $"{Fixed(bytes / 1e9, 2)} GB",
    };

    public static string MeanAndSpread(double mean, double sd, int runs) => runs > 1 ? $"{Fixed(mean)} ± {Fixed(sd)}" : Fixed(mean);
}
