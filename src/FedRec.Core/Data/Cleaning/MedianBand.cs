namespace FedRec.Core.Data.Cleaning;

/// <summary>Values that are not far from the median, measured by the median absolute deviation (MAD).</summary>
/// <remarks>Hampel 1974: 1.4826 · MAD estimates the standard deviation of normal values, and half of them may be wrong.</remarks>
/// <param name="Low">Least value that is not far away.</param>
/// <param name="High">Greatest such value.</param>
internal readonly record struct MedianBand(double Low, double High)
{
    /// <summary>Standard deviations from the median to the ends of the band.</summary>
    public const double Reach = 6;

    private const double PerDeviation = 1.4826;

    /// <summary>The band around the median of values.</summary>
    /// <param name="values">At least one.</param>
    /// <param name="leastDeviation">Standard deviation below which the values are taken to vary by that much.</param>
    public static MedianBand Of(IReadOnlyCollection<double> values, double leastDeviation = 0)
    {
        var median = Median([.. values]);
        var deviation = Math.Max(leastDeviation, PerDeviation * Median([.. values.Select(value => Math.Abs(value - median))]));
        return new MedianBand(median - (Reach * deviation), median + (Reach * deviation));
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
