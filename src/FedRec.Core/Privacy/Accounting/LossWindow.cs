namespace FedRec.Core.Privacy.Accounting;

/// <summary>Where the total privacy losses are that decide about an ε or a δ, found on coarse grids. A bad window makes ε larger than need be, and never too small.</summary>
/// <param name="Direction">Which of two neighbouring data sets the answers are of.</param>
/// <param name="Deviations">Standard deviations of the noise beyond which a loss counts as infinite: so many that δ hardly grows by it.</param>
/// <param name="Tilt">θ, with which totals near ε are likely enough for rounding not to matter.</param>
/// <param name="Low">Total below which a tilted one is too seldom to matter.</param>
/// <param name="LowerTilt">The tilt that tells how seldom.</param>
/// <param name="High">Total above which one is too seldom to matter.</param>
/// <param name="HigherTilt">The tilt that tells how seldom.</param>
internal sealed record LossWindow(LossDirection Direction, double Deviations, double Tilt, double Low, double LowerTilt, double High, double HigherTilt)
{
    // ln of the smallest δ that anybody asks for, 10⁻³⁰.
    private const double Smallest = -69;

    // Logarithms of shares of δ: what may be spoiled, 10⁻⁸, and by what rounding errors of 10⁻¹⁴ may be multiplied, 100.
    private const double Spoiled = -18.4;
    private const double Rounded = 4.6;

    // ε is at least this share of the bound that is known before, and hardly below the mean loss.
    private const double OfBound = 1.0 / 16;
    private const double OfMean = 0.9;

    /// <summary>The window about the ε at which δ is as given.</summary>
    public static LossWindow ForDelta(IReadOnlyList<(SampledGaussian Mechanism, long Count)> uses, LossDirection direction, double delta)
    {
        var losses = new CoarseLosses(uses, direction, DeviationsFor(uses, Math.Log(delta)));
        var bound = losses.Best((tilt, cumulant) => (cumulant + Sharper(tilt) - Math.Log(delta)) / tilt);
        return Around(losses, Math.Max(bound * OfBound, losses.Mean * OfMean), bound, Math.Log(delta));
    }

    /// <summary>The window about an ε.</summary>
    public static LossWindow ForEpsilon(IReadOnlyList<(SampledGaussian Mechanism, long Count)> uses, LossDirection direction, double epsilon)
    {
        double LogDelta(double tilt, double cumulant) => cumulant + Sharper(tilt) - (tilt * epsilon);
        var logDelta = Math.Max(Smallest, new CoarseLosses(uses, direction, DeviationsFor(uses, Smallest)).Best(LogDelta));
        var losses = new CoarseLosses(uses, direction, DeviationsFor(uses, logDelta));
        return Around(losses, epsilon, epsilon, Math.Max(Smallest, losses.Best(LogDelta)));
    }

    // Chernoff: with the cumulant K of the total, the chance of a total above x is at most e^(K(θ) − θ·x) for every θ. All conditions on the window follow from it.
    private static LossWindow Around(CoarseLosses losses, double lowest, double epsilon, double logDelta)
    {
        logDelta = Math.Min(logDelta, 0);
        var spoiled = logDelta + Spoiled;
        (double Tilt, double Cumulant)[] above = [.. losses.Ladder.Where(rung => rung.Tilt > 0)];
        var least = above.SkipLast(1).Min(rung => rung.Cumulant - (rung.Tilt * epsilon));
        var (high, higher) = above.Min(rung => ((rung.Cumulant - spoiled) / rung.Tilt, rung.Tilt));
        return above.SkipLast(1).Where(rung => rung.Cumulant - (rung.Tilt * epsilon) <= least + Rounded).Select(rung =>
        {
            // What is below the window wraps around to where it counts as tilted back by e^(−θ·ε) at most, and what is far above it comes in from below by e^(θ · width).
            var (tilt, cumulant) = rung;
            var (low, lower) = losses.Ladder.Where(less => less.Tilt < tilt).Max(less => ((spoiled + (tilt * epsilon) - less.Cumulant) / (tilt - less.Tilt), less.Tilt));
            var width = above.Where(more => more.Tilt > tilt).Min(more => (more.Cumulant - (more.Tilt * lowest) - spoiled) / (more.Tilt - tilt));
            return new LossWindow(losses.Direction, losses.Deviations, tilt, low, lower, Math.Max(high, low + width), higher);
        }).MinBy(window => window.High - window.Low)!;
    }

    // δ(ε) is smaller than that chance, by this factor's logarithm (Canonne, Kamath and Steinke 2020, Proposition 12, with the order θ + 1).
    private static double Sharper(double tilt) => (tilt * Math.Log(tilt / (tilt + 1))) - Math.Log(tilt + 1);

    // Noise further out has a chance of less than e^(−x² / 2).
    private static double DeviationsFor(IReadOnlyList<(SampledGaussian Mechanism, long Count)> uses, double logDelta) =>
        Math.Sqrt(2 * (Math.Log(uses.Sum(use => (double)use.Count)) - Math.Min(logDelta, 0) - Spoiled));

    /// <summary>The losses of all uses on grids of a few thousand each, of which the cumulant of the total is told.</summary>
    private sealed class CoarseLosses
    {
        private const int Size = 4096;
        private readonly (LossGrid Losses, long Count)[] _grids;

        public CoarseLosses(IReadOnlyList<(SampledGaussian Mechanism, long Count)> uses, LossDirection direction, double deviations)
        {
            (Direction, Deviations) = (direction, deviations);
            _grids =
            [
                .. from use in uses
                   let range = LossGrid.Range(use.Mechanism, direction, deviations)
                   select (LossGrid.Of(use.Mechanism, direction, (range.High - range.Low) / Size, range), use.Count),
            ];
            var largest = 1 / _grids.Max(grid => grid.Losses.Step); // a larger tilt would tell of the grid, and not of the losses
            double[] tilts = [.. Enumerable.Range(-120, 121).Select(i => largest * Math.Pow(1.12, i))];
            Ladder = [.. tilts.Reverse().Select(tilt => -tilt).Append(0).Concat(tilts).Select(tilt => (tilt, _grids.Sum(grid => grid.Count * grid.Losses.Cumulant(tilt))))];
        }

        public LossDirection Direction { get; }

        public double Deviations { get; }

        /// <summary>Tilts of both signs, the smallest first, each with the cumulant there: K(θ) = ln of the mean of e^(θ · total).</summary>
        public (double Tilt, double Cumulant)[] Ladder { get; }

        /// <summary>Mean of the total.</summary>
        public double Mean => _grids.Sum(grid => grid.Count * grid.Losses.Mean);

        /// <summary>The smallest of a bound over all tilts; the best tilt is an order of Rényi divergence, less 1.</summary>
        public double Best(Func<double, double, double> bound) => Ladder.Where(rung => rung.Tilt > 0).Min(rung => bound(rung.Tilt, rung.Cumulant));
    }
}
