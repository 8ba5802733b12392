using System.Numerics.Tensors;
using FedRec.Core.Data;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Learners.LinearAlgebra;
using FedRec.Core.Learners.Networks;

namespace FedRec.Core.Learners.TwoTowers;

/// <summary>The towers of one version; what the item tower gives is computed when it is first needed, once for all users.</summary>
/// <remarks>Without torch: a user is too small to be worth its calls, and the same on every machine.</remarks>
internal sealed class TowerModel : PreparedModel
{
    private readonly TwoTowerShape _shape;
    private readonly double _recency;
    private readonly Lazy<(float[] Inputs, float[] Vectors)> _items;

    public TowerModel(ReadOnlyMemory<float> parameters, LearningPhase phase, TwoTowerShape shape, double recency)
        : base(parameters, phase)
    {
        (_shape, _recency) = (shape, recency);
        _items = new(() =>
        {
            var inputs = AllInputs();
            return (inputs, AllVectors(inputs));
        });
    }

    /// <summary>What the item tower gives, items × dims.</summary>
    public ReadOnlyMemory<float> ItemVectors => _items.Value.Vectors;

    /// <summary>The score of each item from one on.</summary>
    /// <param name="user">The user's vector.</param>
    /// <param name="first">The first item.</param>
    /// <param name="scores">Receives a score for each.</param>
    public void Score(ReadOnlySpan<float> user, int first, Span<float> scores)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = VectorKernels.Dot(_items.Value.Vectors.AsSpan((first + i) * _shape.Dims, _shape.Dims), user) + Bias(first + i);
        }
    }

    /// <summary>A user's vector.</summary>
    /// <param name="history">The user's items, which may be none, and features.</param>
    /// <param name="without">Position of an own item that is left out; −1 for none.</param>
    public float[] User(UserHistory history, int without = -1)
    {
        var own = history.Items;
        var input = new float[_shape.UserInputs];
        if (!_shape.UserColumns.IsEmpty)
        {
            _shape.EncodeUser(Parameters.Span, history.Features, input.AsSpan(0, _shape.UserInputs - _shape.ItemInputs));
        }

        var weights = new float[own.Length];
        HistoryWeights.Fill(history, _recency, without, weights);
        var sum = new float[_shape.Dims];
        var mean = input.AsSpan(_shape.UserInputs - _shape.ItemInputs);
        for (var i = 0; i < own.Length; i++)
        {
            var item = _items.Value.Inputs.AsSpan(own[i] * _shape.ItemInputs, _shape.ItemInputs);
            VectorKernels.AddScaled(item, weights[i] * weights[i], mean);
            VectorKernels.AddScaled(item[.._shape.Dims], weights[i], sum);
        }

        var result = new float[_shape.Dims];
        Tower(_shape.FirstTower, input, result);
        VectorKernels.AddScaled(sum, 1, result);
        return result;
    }

    private float[] AllInputs()
    {
        var inputs = new float[_shape.ItemCount * _shape.ItemInputs];
        var features = _shape.ItemInputs - _shape.Dims;
        for (var item = 0; item < _shape.ItemCount; item++)
        {
            var input = inputs.AsSpan(item * _shape.ItemInputs, _shape.ItemInputs);
            if (IsKnown(item))
            {
                Parameters.Span.Slice(item * (_shape.Dims + 1), _shape.Dims).CopyTo(input);
            }

            _shape.ItemFeatures.AsSpan(item * features, features).CopyTo(input[_shape.Dims..]);
        }

        return inputs;
    }

    private float[] AllVectors(float[] inputs)
    {
        var vectors = new float[_shape.ItemCount * _shape.Dims];
        for (var item = 0; item < _shape.ItemCount; item++)
        {
            var input = inputs.AsSpan(item * _shape.ItemInputs, _shape.ItemInputs);
            var vector = vectors.AsSpan(item * _shape.Dims, _shape.Dims);
            Tower(_shape.FirstTower + TwoTowerShape.TowerBlocks, input, vector);
            VectorKernels.AddScaled(input[.._shape.Dims], 1, vector);
        }

        return vectors;
    }

    private bool IsKnown(int item) => Parameters.Span[_shape.Layout.Offset(TwoTowerShape.Known) + item] > 0.5f;

    private float Bias(int item) => IsKnown(item) ? Parameters.Span[(item * (_shape.Dims + 1)) + _shape.Dims] : 0;

    // A share of what the tower gives.
    private void Tower(int first, ReadOnlySpan<float> input, Span<float> output)
    {
        var below = input;
        for (var block = first; block < first + TwoTowerShape.TowerBlocks; block += 2)
        {
            var last = block == first + TwoTowerShape.TowerBlocks - 2;
            var here = last ? output : new float[_shape.Layout.Blocks[block].Rows];
            Layer(block, below, here);
            if (!last)
            {
                TensorPrimitives.Max(here, 0, here);
            }

            below = here;
        }

        TensorPrimitives.Multiply(output, TwoTowerShape.TowerShare, output);
    }

    private void Layer(int block, ReadOnlySpan<float> below, Span<float> here)
    {
        var weights = Parameters.Span[_shape.Layout.Offset(block)..];
        var bias = Parameters.Span[_shape.Layout.Offset(block + 1)..];
        for (var unit = 0; unit < here.Length; unit++)
        {
            here[unit] = bias[unit] + VectorKernels.Dot(weights.Slice(unit * below.Length, below.Length), below);
        }
    }
}
