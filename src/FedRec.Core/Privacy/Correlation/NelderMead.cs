namespace FedRec.Core.Privacy.Correlation;

/// <summary>Looks for the least value of a smooth function of a few numbers, without its derivative and without chance.</summary>
/// <remarks>Nelder and Mead 1965, with the usual coefficients, begun anew from where it ended until that gains nothing: a simplex may shrink before it has arrived.</remarks>
internal static class NelderMead
{
    private const double FirstStep = 0.5;

    /// <summary>A point where the function is as small as around it.</summary>
    /// <param name="function">May be infinite, where a point is not allowed.</param>
    /// <param name="start">Where it is looked for first; the function is finite there.</param>
    /// <param name="closeness">Relative difference of values below which they count as equal.</param>
    /// <param name="steps">Most steps of one simplex.</param>
    public static (double[] Point, double Value) Least(Func<double[], double> function, double[] start, double closeness = 1e-14, int steps = 2_000)
    {
        var best = (Point: start, Value: function(start));
        for (var step = FirstStep; step > 1e-3; step /= 2)
        {
            var found = Descend(function, best.Point, step, closeness, steps);
            var gain = (best.Value - found.Value) / Math.Abs(best.Value);
            best = found.Value < best.Value ? found : best;
            if (gain < closeness * 10 && step < FirstStep)
            {
                break;
            }
        }

        return best;
    }

    private static (double[] Point, double Value) Descend(Func<double[], double> function, double[] start, double size, double closeness, int steps)
    {
        var simplex = Enumerable.Range(-1, start.Length + 1).Select(place => At([.. start.Select((value, other) => other == place ? value + size : value)])).ToArray();
        for (var step = 0; step < steps; step++)
        {
            Array.Sort(simplex, (one, other) => one.Value.CompareTo(other.Value));
            var (best, worst, second) = (simplex[0], simplex[^1], simplex[^2]);
            if (worst.Value - best.Value <= closeness * Math.Abs(best.Value))
            {
                break;
            }

            var middle = start.Select((_, place) => simplex[..^1].Average(corner => corner.Point[place])).ToArray();
            (double[] Point, double Value) Along(double factor) => At([.. middle.Select((value, place) => value + (factor * (worst.Point[place] - value)))]);
            var next = Along(-1);
            if (next.Value < best.Value)
            {
                next = Along(-2) is var further && further.Value < next.Value ? further : next;
            }
            else if (next.Value >= second.Value)
            {
                var nearer = next.Value < worst.Value ? Along(-0.5) : Along(0.5);
                if (nearer.Value >= Math.Min(next.Value, worst.Value))
                {
                    simplex = [best, .. simplex[1..].Select(corner => At([.. corner.Point.Select((value, place) => (value + best.Point[place]) / 2)]))];
                    continue;
                }

                next = nearer;
            }

            simplex[^1] = next;
        }

        return simplex.MinBy(corner => corner.Value);

        (double[] Point, double Value) At(double[] point) => (point, function(point) is var value && double.IsNaN(value) ? double.PositiveInfinity : value);
    }
}
