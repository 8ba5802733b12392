using System.Globalization;

namespace FedRec.Core.Data.Reports;

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
