using FedRec.Core.Learners.Networks;
using FedRec.Core.Learners.NeuralCollaborativeFiltering;

namespace FedRec.Core.Tests.Learners.NeuralCollaborativeFiltering;

/// <summary>The network written out in plain loops over doubles: scores, and gradients derived by hand.</summary>
internal sealed class HandNetwork(NeuralOptions options, NetworkShape shape, double[] parameters)
{
    private readonly int _dims = options.Dims;
    private readonly double[] _gradients = new double[parameters.Length];
    private double[][] _layers = [];

    public double[] Gradients => _gradients;

    /// <summary>A value of the start of all users.</summary>
    public double Start(int k) => parameters[At("start_embedding", 0, k)];

    /// <summary>A value of what an own item adds.</summary>
    public double History(int item, int k) => parameters[At("history_embeddings", item, k)];

    /// <summary>Start plus 1/√n of each own item's row.</summary>
    public double[] User(int[] own) => [.. Enumerable.Range(0, shape.UserColumns).Select(k =>
        parameters[At("start_embedding", 0, k)] + own.Sum(item => parameters[At("history_embeddings", item, k)] / Math.Sqrt(own.Length)))];

    public double Score(double[] user, int item)
    {
        var score = parameters[At("item_embeddings", item, shape.UserColumns)];
        for (var k = 0; shape.HasProduct && k < _dims; k++)
        {
            score += parameters[At("gmf_output", 0, k)] * user[k] * parameters[At("item_embeddings", item, k)];
        }

        return shape.HasTower ? score + Tower(user, item) : score;
    }

    /// <summary>Adds the gradients of one pair's score, times the error of that score.</summary>
    public void AddPair(double[] user, int item, double error, double[] ofUser)
    {
        _gradients[At("item_embeddings", item, shape.UserColumns)] += error;
        for (var k = 0; shape.HasProduct && k < _dims; k++)
        {
            var (w, p, q) = (parameters[At("gmf_output", 0, k)], user[k], parameters[At("item_embeddings", item, k)]);
            _gradients[At("gmf_output", 0, k)] += error * p * q;
            _gradients[At("item_embeddings", item, k)] += error * w * p;
            ofUser[k] += error * w * q;
        }

        if (shape.HasTower)
        {
            AddTower(user, item, error, ofUser);
        }
    }

    /// <summary>Adds the gradients of a user embedding to the rows it is made of.</summary>
    public void AddUser(int[] own, double[] ofUser)
    {
        for (var k = 0; k < ofUser.Length; k++)
        {
            _gradients[At("start_embedding", 0, k)] += ofUser[k];
            foreach (var item in own)
            {
                _gradients[At("history_embeddings", item, k)] += ofUser[k] / Math.Sqrt(own.Length);
            }
        }
    }

    private double Tower(double[] user, int item)
    {
        var first = shape.HasProduct ? _dims : 0;
        _layers = new double[shape.Widths.Length][];
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            _layers[layer] = [.. Enumerable.Range(0, shape.Widths[layer]).Select(unit => Math.Max(0, Input(user, item, first, layer, unit)))];
        }

        return _layers[^1].Select((value, unit) => value * parameters[At("mlp_output", 0, unit)]).Sum();
    }

    private double Input(double[] user, int item, int first, int layer, int unit)
    {
        var sum = parameters[At($"layer{layer + 1}_bias", 0, unit)];
        for (var k = 0; layer == 0 && k < _dims; k++)
        {
            sum += parameters[At("layer1_user", unit, k)] * user[first + k];
            sum += parameters[At("layer1_item", unit, k)] * parameters[At("item_embeddings", item, first + k)];
        }

        return layer == 0 ? sum : sum + _layers[layer - 1].Select((value, below) => value * parameters[At($"layer{layer + 1}_weights", unit, below)]).Sum();
    }

    private void AddTower(double[] user, int item, double error, double[] ofUser)
    {
        Tower(user, item);
        var errors = new double[shape.Widths[^1]];
        for (var unit = 0; unit < errors.Length; unit++)
        {
            _gradients[At("mlp_output", 0, unit)] += error * _layers[^1][unit];
            errors[unit] = error * parameters[At("mlp_output", 0, unit)];
        }

        for (var layer = _layers.Length - 1; layer >= 0; layer--)
        {
            errors = AddLayer(user, item, layer, [.. errors.Select((e, unit) => _layers[layer][unit] > 0 ? e : 0)], ofUser);
        }
    }

    /// <returns>Errors of the layer below.</returns>
    private double[] AddLayer(double[] user, int item, int layer, double[] errors, double[] ofUser)
    {
        var below = new double[layer == 0 ? 0 : shape.Widths[layer - 1]];
        var first = shape.HasProduct ? _dims : 0;
        for (var unit = 0; unit < errors.Length; unit++)
        {
            _gradients[At($"layer{layer + 1}_bias", 0, unit)] += errors[unit];
            for (var from = 0; from < below.Length; from++)
            {
                _gradients[At($"layer{layer + 1}_weights", unit, from)] += errors[unit] * _layers[layer - 1][from];
                below[from] += errors[unit] * parameters[At($"layer{layer + 1}_weights", unit, from)];
            }

            for (var k = 0; layer == 0 && k < _dims; k++)
            {
                _gradients[At("layer1_user", unit, k)] += errors[unit] * user[first + k];
                _gradients[At("layer1_item", unit, k)] += errors[unit] * parameters[At("item_embeddings", item, first + k)];
                ofUser[first + k] += errors[unit] * parameters[At("layer1_user", unit, k)];
                _gradients[At("item_embeddings", item, first + k)] += errors[unit] * parameters[At("layer1_item", unit, k)];
            }
        }

        return below;
    }

    private int At(string block, int row, int column)
    {
        var position = shape.Layout.Blocks.Select(b => b.Name).ToList().IndexOf(block);
        return shape.Layout.Offset(position) + (row * shape.Layout.Blocks[position].Columns) + column;
    }
}
