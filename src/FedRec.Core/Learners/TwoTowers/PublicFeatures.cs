using FedRec.Core.Data.Features;
using FedRec.Core.Learners.Features;

namespace FedRec.Core.Learners.TwoTowers;

/// <summary>Encodes the items' features, which everybody has: no round is needed to standardise them.</summary>
internal static class PublicFeatures
{
    /// <summary>All rows, one after the other; empty when there are no features.</summary>
    /// <remarks>Columns of zeros and ones stay as they are: a rare tag would otherwise be a huge number.</remarks>
    public static float[] Encode(FeatureTable? table)
    {
        if (table is null)
        {
            return [];
        }

        var columns = table.Schema.Columns;
        var (means, deviations) = (new float[columns.Count], new float[columns.Count]);
        for (var column = 0; column < columns.Count; column++)
        {
            (means[column], deviations[column]) = Moments(table, column);
        }

        var width = columns.Sum(column => column.Width);
        var result = new float[table.Count * width];
        for (var item = 0; item < table.Count; item++)
        {
            FeatureEncoding.Encode(columns, means, deviations, table.Row(item), result.AsSpan(item * width, width));
        }

        return result;
    }

    private static (float Mean, float Deviation) Moments(FeatureTable table, int column)
    {
        double[] values = [.. Enumerable.Range(0, table.Count).Select(item => (double)table.Row(item)[column]).Where(double.IsFinite)];
        if (values.All(value => value is 0 or 1))
        {
            return (0, 1);
        }

        var mean = values.Average();
        var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        return ((float)mean, deviation >= 1e-12 ? (float)deviation : 1);
    }
}
