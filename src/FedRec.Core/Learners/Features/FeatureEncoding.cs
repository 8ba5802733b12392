using System.Numerics;
using FedRec.Core.Aggregation;
using FedRec.Core.Data;
using FedRec.Core.Data.Features;

namespace FedRec.Core.Learners.Features;

/// <summary>Turns a row into the network's input: numbers standardised, words one-hot.</summary>
internal static class FeatureEncoding
{
    private const float Widest = 20; // deviations; keeps one absurd value from drowning a batch

    /// <summary>Encodes a row; what is missing is 0, the mean.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="means">Mean of each column; of more, if there are.</param>
    /// <param name="deviations">Beside <paramref name="means"/>.</param>
    /// <param name="row">A value for each column; empty when nothing is known.</param>
    /// <param name="input">Receives the encoded row.</param>
    public static void Encode(IReadOnlyList<FeatureColumn> columns, ReadOnlySpan<float> means, ReadOnlySpan<float> deviations, ReadOnlySpan<float> row, Span<float> input)
    {
        input.Clear();
        var place = 0;
        for (var column = 0; column < row.Length; column++)
        {
            var feature = columns[column];
            if (feature.IsCategorical)
            {
                input[place + (int)row[column]] = 1;
            }
            else if (!float.IsNaN(row[column]))
            {
                var distance = ((double)row[column] - means[column]) / deviations[column];
                input[place] = (float)Math.Clamp(distance, -Widest, Widest);
            }

            place += feature.Width;
        }
    }
}

/// <summary>Federated means and variances: exact sums of values, squares and counts, of each number and of a regression's label.</summary>
/// <remarks>Whole numbers only, so that the result does not depend on how rows are spread over parties, and nothing is lost where a variance
/// is small beside its mean. The server learns the sums of the federation. A column whose values are all the same has deviation 1.</remarks>
internal static class ColumnStatistics
{
    /// <summary>Sums of each column: values, squares, count.</summary>
    public const int Sums = 3;

    /// <summary>Values that the sums of some columns take.</summary>
    public static int Length(int columns) => columns * Sums * WideNumber.Limbs;

    /// <summary>Writes a client's sums.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="labelled">Whether the last sums are of the label.</param>
    /// <param name="data">The client.</param>
    /// <param name="limbs">Receives <see cref="Length"/> values; the sums behind those of the columns are the label's, or zero.</param>
    /// <returns>Rows counted.</returns>
    public static int Write(IReadOnlyList<FeatureColumn> columns, bool labelled, ClientData data, Span<float> limbs)
    {
        var sums = new BigInteger[limbs.Length / WideNumber.Limbs];
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
                if (!columns[column].IsCategorical && !float.IsNaN(row[column]))
                {
                    Add(sums, column, row[column]);
                }
            }

            if (labelled)
            {
                Add(sums, columns.Count, data.Ratings(user)[0]);
            }
        }

        for (var i = 0; i < sums.Length; i++)
        {
            WideNumber.Write(sums[i], limbs.Slice(i * WideNumber.Limbs, WideNumber.Limbs));
        }

        return rows;
    }

    /// <summary>Writes the change that makes means and deviations those of the sums.</summary>
    /// <param name="sums">Encoded sums, <see cref="Length"/> values.</param>
    /// <param name="bits">Fraction bits of the sums.</param>
    /// <param name="means">The means until now; as many as there are sums for.</param>
    /// <param name="deviations">Beside <paramref name="means"/>.</param>
    /// <param name="meanChanges">Receives what is to be added to <paramref name="means"/>.</param>
    /// <param name="deviationChanges">Receives what is to be added to <paramref name="deviations"/>.</param>
    public static void Read(ReadOnlySpan<long> sums, int bits, ReadOnlySpan<float> means, ReadOnlySpan<float> deviations, Span<float> meanChanges, Span<float> deviationChanges)
    {
        for (var column = 0; column < means.Length; column++)
        {
            var (mean, deviation) = Moments(sums.Slice(Length(column), Length(1)), bits);
            meanChanges[column] = (float)mean - means[column];
            deviationChanges[column] = (float)deviation - deviations[column];
        }
    }

    private static void Add(BigInteger[] sums, int column, float value)
    {
        var first = column * Sums;
        sums[first] += WideNumber.Of(value);
        sums[first + 1] += WideNumber.Of((double)value * value); // exact: 24 bits by 24
        sums[first + 2] += WideNumber.Of(1);
    }

    // The variance is n·Σx² − (Σx)² over n², taken in whole numbers before anything is rounded.
    private static (double Mean, double Deviation) Moments(ReadOnlySpan<long> limbs, int bits)
    {
        var (sum, squares) = (WideNumber.Read(limbs, bits), WideNumber.Read(limbs[WideNumber.Limbs..], bits));
        var count = WideNumber.ToDouble(WideNumber.Read(limbs[(2 * WideNumber.Limbs)..], bits));
        if (count < 1)
        {
            return (0, 1);
        }

        var spread = (new BigInteger(count) * squares * WideNumber.Of(1)) - (sum * sum);
        var variance = WideNumber.ToDouble(spread / WideNumber.Of(1)) / (count * count);
        return (WideNumber.ToDouble(sum) / count, variance > 0 && Math.Sqrt(variance) is >= 1e-12 and var deviation ? deviation : 1);
    }
}
