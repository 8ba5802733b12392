using System.Numerics.Tensors;

namespace FedRec.Core.Audits;

/// <summary>A linear rule with two answers, learned in its dual form, where there are fewer examples than numbers in each.</summary>
/// <remarks>Ridge regression of ±1 (Saunders et al. 1998): α = (K + ρ·I)⁻¹·y, with the products of examples in K. Examples are taken less their mean, and scaled to length 1.</remarks>
internal sealed class KernelRidge
{
    private readonly double[][] _kernel;
    private readonly double _ridge;

    /// <param name="examples">Equally many numbers each; at least one.</param>
    /// <param name="ridge">ρ, above 0.</param>
    public KernelRidge(double[][] examples, double ridge)
    {
        _ridge = ridge;
        var scaled = Scaled(examples);
        _kernel = [.. scaled.Select(one => scaled.Select(other => TensorPrimitives.Dot<double>(one, other)).ToArray())];
    }

    /// <summary>A score for each example, from a rule that was learned without its fold: above 0 where it is more likely to have the answer.</summary>
    /// <param name="has">Whether each has it.</param>
    /// <param name="folds">Fold of each.</param>
    public double[] Predict(bool[] has, int[] folds)
    {
        var scores = new double[has.Length];
        foreach (var fold in folds.Distinct())
        {
            int[] known = [.. Enumerable.Range(0, has.Length).Where(i => folds[i] != fold)];
            var mean = known.Average(i => Sign(has[i]));
            var weights = Solve(known, [.. known.Select(i => Sign(has[i]) - mean)]);
            foreach (var asked in Enumerable.Range(0, has.Length).Where(i => folds[i] == fold))
            {
                scores[asked] = mean + known.Zip(weights, (i, weight) => _kernel[asked][i] * weight).Sum();
            }
        }

        return scores;
    }

    private static double Sign(bool has) => has ? 1 : -1;

    private static double[][] Scaled(double[][] examples)
    {
        var mean = new double[examples[0].Length];
        foreach (var example in examples)
        {
            TensorPrimitives.Add<double>(mean, Unit(example), mean);
        }

        TensorPrimitives.Divide<double>(mean, examples.Length, mean);
        return [.. examples.Select(example =>
        {
            var centred = Unit(example);
            TensorPrimitives.Subtract<double>(centred, mean, centred);
            return Unit(centred);
        })];
    }

    private static double[] Unit(double[] values)
    {
        var (unit, length) = (values.ToArray(), TensorPrimitives.Norm<double>(values));
        TensorPrimitives.Divide<double>(unit, length > 0 ? length : 1, unit);
        return unit;
    }

    // Cholesky: K + ρ·I = L·Lᵀ, row by row.
    private double[] Solve(int[] known, double[] x)
    {
        var rows = new double[known.Length][];
        for (var i = 0; i < known.Length; i++)
        {
            rows[i] = new double[i + 1];
            for (var j = 0; j <= i; j++)
            {
                var left = _kernel[known[i]][known[j]] + (i == j ? _ridge : 0) - TensorPrimitives.Dot<double>(rows[i].AsSpan(0, j), rows[j].AsSpan(0, j));
                rows[i][j] = i == j ? Math.Sqrt(left) : left / rows[j][j];
            }

            x[i] = (x[i] - TensorPrimitives.Dot<double>(rows[i].AsSpan(0, i), x.AsSpan(0, i))) / rows[i][i];
        }

        for (var i = known.Length - 1; i >= 0; i--)
        {
            x[i] /= rows[i][i];
            for (var j = 0; j < i; j++)
            {
                x[j] -= rows[i][j] * x[i];
            }
        }

        return x;
    }
}
