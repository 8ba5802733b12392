using FedRec.Core.Evaluation.Baselines.SelfAttention;
using FedRec.Core.Updates;

namespace FedRec.Core.Tests.Evaluation.SelfAttention;

/// <summary>The network written out in plain loops over doubles, one sequence at a time.</summary>
internal sealed class HandSasRec(SequenceSettings settings, ParameterLayout layout, double[] parameters)
{
    /// <summary>The vector after each item.</summary>
    public double[][] Run(int[] items)
    {
        double[][] values = [.. items.Select((item, i) => Enumerable.Range(0, settings.Dims)
            .Select(k => (Math.Sqrt(settings.Dims) * At("item_embeddings", item, k)) + At("place_embeddings", items.Length - 1 - i, k)).ToArray())];
        for (var layer = 1; layer <= settings.Layers; layer++)
        {
            values = Block(layer, values);
        }

        return [.. values.Select(row => Norm("norm", row))];
    }

    /// <summary>A block on one sequence.</summary>
    public double[][] Block(int layer, double[][] values)
    {
        double[][] projected = [.. values.Select(row => Apply($"layer{layer}_query_key_value", Norm($"layer{layer}_attention_norm", row)))];
        double[][] met = [.. values.Select((row, i) => Sum(row, Apply($"layer{layer}_attention", Look(projected, i))))];
        return [.. met.Select(row => Sum(row, Apply($"layer{layer}_outer", [.. Apply($"layer{layer}_inner", Norm($"layer{layer}_forward_norm", row)).Select(value => Math.Max(0, value))])))];
    }

    /// <summary>A score of every item after some items.</summary>
    public double[] Scores(int[] items)
    {
        var last = Run(items)[^1];
        return [.. Enumerable.Range(0, layout.Blocks[0].Rows).Select(item => last.Select((value, k) => value * At("item_embeddings", item, k)).Sum())];
    }

    /// <summary>−log of the softmax of the next item, after each item but the last; places count from the last but one.</summary>
    public double Loss(int[] sequence)
    {
        var loss = 0.0;
        var rows = Run(sequence[..^1]);
        for (var i = 0; i < rows.Length; i++)
        {
            double[] scores = [.. Enumerable.Range(0, layout.Blocks[0].Rows).Select(item => rows[i].Select((value, k) => value * At("item_embeddings", item, k)).Sum())];
            loss += Math.Log(scores.Sum(Math.Exp)) - scores[sequence[i + 1]];
        }

        return loss;
    }

    // What item i sees of itself and older ones.
    private double[] Look(double[][] projected, int i)
    {
        var (dims, width) = (settings.Dims, settings.Dims / settings.Heads);
        var seen = new double[dims];
        for (var head = 0; head < settings.Heads; head++)
        {
            double[] weights = [.. Enumerable.Range(0, i + 1).Select(j => Math.Exp(
                Enumerable.Range(head * width, width).Sum(k => projected[i][k] * projected[j][dims + k]) / Math.Sqrt(width)))];
            for (var k = head * width; k < (head + 1) * width; k++)
            {
                seen[k] = weights.Select((weight, j) => weight * projected[j][(2 * dims) + k]).Sum() / weights.Sum();
            }
        }

        return seen;
    }

    private double[] Norm(string name, double[] row)
    {
        var mean = row.Average();
        var deviation = Math.Sqrt(row.Average(value => (value - mean) * (value - mean)) + 1e-8);
        return [.. row.Select((value, k) => ((value - mean) / deviation * At($"{name}_scale", 0, k)) + At($"{name}_shift", 0, k))];
    }

    private double[] Apply(string name, double[] row)
    {
        var rows = layout.Blocks.Single(block => block.Name == $"{name}_weights").Rows;
        return [.. Enumerable.Range(0, rows).Select(output => row.Select((value, k) => value * At($"{name}_weights", output, k)).Sum() + At($"{name}_bias", 0, output))];
    }

    private double At(string name, int row, int column)
    {
        var number = layout.Blocks.Select((block, i) => (block, i)).Single(one => one.block.Name == name).i;
        return parameters[layout.Offset(number) + (row * layout.Blocks[number].Columns) + column];
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
