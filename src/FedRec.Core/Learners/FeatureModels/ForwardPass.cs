using System.Numerics.Tensors;

namespace FedRec.Core.Learners.FeatureModels;

/// <summary>The network's outputs for one row, without torch: a row is too small to be worth its calls. Not thread-safe.</summary>
internal sealed class ForwardPass(FeatureModelShape shape)
{
    private readonly float[][] _values = [.. shape.Widths.Select(width => new float[width])];

    /// <summary>The outputs before the link function; valid until the next call.</summary>
    /// <param name="parameters">P values.</param>
    /// <param name="row">A value for each column.</param>
    public ReadOnlySpan<float> Run(ReadOnlySpan<float> parameters, ReadOnlySpan<float> row)
    {
        shape.Encode(parameters, row, _values[0]);
        for (var layer = 1; layer < _values.Length; layer++)
        {
            var block = FeatureModelShape.FirstLayer + (2 * (layer - 1));
            var weights = parameters[shape.Layout.Offset(block)..];
            var bias = parameters[shape.Layout.Offset(block + 1)..];
            var below = _values[layer - 1].AsSpan();
            var here = _values[layer];
            for (var unit = 0; unit < here.Length; unit++)
            {
                var value = bias[unit] + TensorPrimitives.Dot(weights.Slice(unit * below.Length, below.Length), below);
                here[unit] = layer < _values.Length - 1 ? Math.Max(0, value) : value;
            }
        }

        return _values[^1];
    }
}
