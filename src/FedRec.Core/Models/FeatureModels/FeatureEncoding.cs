namespace FedRec.Core.Models.FeatureModels;

/// <summary>Turns a row into the network's input: numbers standardised, words one-hot.</summary>
internal static class FeatureEncoding
{
    private const float Widest = 20; // deviations; keeps one absurd value from drowning a batch

    /// <summary>Encodes a row; what is missing is 0, the mean.</summary>
    /// <param name="shape">The columns.</param>
    /// <param name="parameters">With means and deviations.</param>
    /// <param name="row">A value for each column; empty when nothing is known.</param>
    /// <param name="input">Receives the encoded row.</param>
    public static void Encode(FeatureModelShape shape, ReadOnlySpan<float> parameters, ReadOnlySpan<float> row, Span<float> input)
    {
        input.Clear();
        var place = 0;
        for (var column = 0; column < row.Length; column++)
        {
            var feature = shape.Columns[column];
            if (feature.IsCategorical)
            {
                input[place + (int)row[column]] = 1;
            }
            else if (!float.IsNaN(row[column]))
            {
                var distance = ((double)row[column] - shape.Mean(parameters, column)) / shape.Deviation(parameters, column);
                input[place] = (float)Math.Clamp(distance, -Widest, Widest);
            }

            place += feature.Width;
        }
    }
}
