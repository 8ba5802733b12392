using System.Globalization;
using FedRec.Web.Api;

namespace FedRec.Web.Dashboard;

/// <summary>Numbers, names and times as the pages show them; the scripts use the same forms.</summary>
internal static class Words
{
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Loss(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "–";

    public static string Rate(double? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? "–";

    public static string Score(float? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–";

    public static string Duration(double milliseconds) => milliseconds < 10_000
        ? milliseconds.ToString(milliseconds < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture) + " ms"
        : (milliseconds / 1000).ToString("N1", CultureInfo.InvariantCulture) + " s";

    public static string Bytes(long value)
    {
        string[] units = ["B", "KB", "MB", "GB", "TB"];
        var (size, unit) = ((double)value, 0);
        for (; size >= 1000 && unit < units.Length - 1; unit++)
        {
            size /= 1000;
        }

        return size.ToString(size < 10 && unit > 0 ? "0.0" : "0", CultureInfo.InvariantCulture) + " " + units[unit];
    }

    /// <summary>Such as <c>HR@10</c> for <c>hr@10</c> and <c>Coverage@10</c> for <c>coverage@10</c>.</summary>
    public static string Metric(string name)
    {
        var word = name.Split('@')[0];
        var title = word.Length <= 4 ? word.ToUpperInvariant() : char.ToUpperInvariant(word[0]) + word[1..];
        return title + name[word.Length..];
    }

    public static string Clock(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    public static string Machine(DateTimeOffset at) => at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>A share that is known roughly, such as <c>15 to 20 %</c>.</summary>
    public static string Band(PercentView? share) => share is null ? "–" : $"{share.FromPercent} to {share.ToPercent} %";

    /// <summary>An age that is known roughly, from the days it has at least; see <see cref="PartyDataView"/>.</summary>
    public static string Age(int? days) => days switch
    {
        null => "no times",
        0 => "< 1 day",
        1 => "1 to 7 days",
        7 => "7 to 30 days",
        30 => "30 to 90 days",
        90 => "90 to 365 days",
        { } older => $"≥ {older} days",
    };

    public static string Short(string sha256) => sha256.Length > 8 ? sha256[..8] : sha256;
}
