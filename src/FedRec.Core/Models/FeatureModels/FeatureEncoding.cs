using FedRec.Core.Data.Features;

namespace FedRec.Core.Models.FeatureModels;

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
