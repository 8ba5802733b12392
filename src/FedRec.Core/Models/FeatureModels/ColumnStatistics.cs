using System.Numerics;
using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Data.Features;

namespace FedRec.Core.Models.FeatureModels;

/// <summary>Federated means and variances: exact sums of values, squares and counts, of each number and of a regression's label.</summary>
/// <remarks>Whole numbers only, so that the result does not depend on how rows are spread over parties, and nothing is lost where a variance
/// is small beside its mean. The server learns the sums of the federation. A column whose values are all the same has deviation 1.</remarks>
internal static class ColumnStatistics
{
    /// <summary>Writes a client's sums.</summary>
    /// <returns>Rows counted.</returns>
    public static int Write(FeatureModelShape shape, ClientData data, ContributionBuffer output)
    {
        var sums = new BigInteger[(shape.Columns.Length + 1) * FeatureModelShape.Sums];
        var rows = 0;
        for (var user = 0; user < data.UserCount; user++)
        {
            if (data.Items(user).IsEmpty)
            {
                continue; // only rows to train on are looked at
            }

            rows++;
            var row = data.Features(user);
            for (var column = 0; column < row.Length; column++)
            {
                if (!shape.Columns[column].IsCategorical && !float.IsNaN(row[column]))
                {
                    Add(sums, column, row[column]);
                }
            }

            if (shape.Task.Kind == LabelKind.Regression)
            {
                Add(sums, shape.Columns.Length, data.Ratings(user)[0]);
            }
        }

        var limbs = output.Segment(shape.StatisticsOffset, sums.Length * WideNumber.Limbs);
        for (var i = 0; i < sums.Length; i++)
        {
            WideNumber.Write(sums[i], limbs.Slice(i * WideNumber.Limbs, WideNumber.Limbs));
        }

        return rows;
    }

    /// <summary>Writes the change that makes the parameters those of the sums.</summary>
    public static void Read(FeatureModelShape shape, ReadOnlySpan<float> parameters, ReadOnlySpan<long> contribution, Span<float> delta)
    {
        delta.Clear();
        var values = contribution[shape.StatisticsOffset..];
        for (var column = 0; column <= shape.Columns.Length; column++)
        {
            var (mean, deviation) = Moments(values.Slice(column * FeatureModelShape.Sums * WideNumber.Limbs, FeatureModelShape.Sums * WideNumber.Limbs));
            delta[shape.Layout.Offset(FeatureModelShape.Means) + column] = (float)mean - shape.Mean(parameters, column);
            delta[shape.Layout.Offset(FeatureModelShape.Deviations) + column] = (float)deviation - shape.Deviation(parameters, column);
        }

        delta[shape.Layout.Offset(FeatureModelShape.Prepared)] = 1;
    }

    private static void Add(BigInteger[] sums, int column, float value)
    {
        var first = column * FeatureModelShape.Sums;
        sums[first] += WideNumber.Of(value);
        sums[first + 1] += WideNumber.Of((double)value * value); // exact: 24 bits by 24
        sums[first + 2] += WideNumber.Of(1);
    }

    // The variance is n·Σx² − (Σx)² over n², taken in whole numbers before anything is rounded.
    private static (double Mean, double Deviation) Moments(ReadOnlySpan<long> limbs)
    {
        var (sum, squares) = (WideNumber.Read(limbs), WideNumber.Read(limbs[WideNumber.Limbs..]));
        var count = WideNumber.ToDouble(WideNumber.Read(limbs[(2 * WideNumber.Limbs)..]));
        if (count < 1)
        {
            return (0, 1);
        }

        var spread = (new BigInteger(count) * squares * WideNumber.Of(1)) - (sum * sum);
        var variance = WideNumber.ToDouble(spread / WideNumber.Of(1)) / (count * count);
        return (WideNumber.ToDouble(sum) / count, variance > 0 && Math.Sqrt(variance) is >= 1e-12 and var deviation ? deviation : 1);
    }
}
