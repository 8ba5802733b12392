using System.Globalization;

namespace FedRec.Core.Data.Reports;

/// <summary>A share, known only to five percent.</summary>
/// <param name="From">Lower end in percent, a multiple of 5 from 0 to 95; it belongs to the band.</param>
/// <param name="To">Upper end in percent, 5 more; it belongs to the next band, 100 to the last one.</param>
public readonly record struct ShareBand(int From, int To)
{
    private const int Width = 5;

    /// <summary>The band of a share in [0, 1]; what lies a little outside by rounding goes to the nearest band.</summary>
    internal static ShareBand Of(double share)
    {
        var from = Math.Clamp((int)(share * 100 / Width), 0, (100 / Width) - 1) * Width;
        return new ShareBand(from, from + Width);
    }

    /// <summary>The band as people read it, such as <c>15 to 20 %</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{From} to {To} %");
}
