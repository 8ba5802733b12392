namespace FedRec.Core.Audits;

/// <summary>A number that was measured, with its 95 % interval.</summary>
/// <param name="Value">The number.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Measured(double Value, double Low, double High)
{
    private const double Normal95 = 1.959964;

    /// <summary>The mean of numbers that were measured independently, by the normal distribution.</summary>
    /// <param name="values">At least one; of one the interval is all that there can be, from 0 to 1.</param>
    public static Measured MeanOf(IReadOnlyCollection<double> values)
    {
        var mean = values.Average();
        return values.Count < 2 ? new Measured(mean, 0, 1) : Around(mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1) / values.Count));
    }

    /// <summary>A number in [0, 1] with a standard error.</summary>
    public static Measured Around(double value, double error) => new(value, Math.Max(0, value - (Normal95 * error)), Math.Min(1, value + (Normal95 * error)));

    /// <summary>The mean of what several seeds gave on the same people: the interval is no narrower than one seed's, as seeds do not draw other people.</summary>
    public static Measured Over(IReadOnlyCollection<Measured> seeds) => new(seeds.Average(one => one.Value), seeds.Average(one => one.Low), seeds.Average(one => one.High));
}

/// <summary>A point of a curve.</summary>
/// <param name="FalseRate">Share of the others that is taken for members, in [0, 1].</param>
/// <param name="TrueRate">Share of the members that is found, in [0, 1].</param>
public readonly record struct RocPoint(double FalseRate, double TrueRate);

/// <summary>How well a score tells members from others: the receiver operating characteristic.</summary>
/// <remarks>Ties count half. Area and standard error: DeLong, DeLong and Clarke-Pearson 1988. That a rate of true positives is read at a small rate of false ones: Carlini et al. 2022, arXiv:2112.03570.</remarks>
public sealed class RocCurve
{
    private readonly double[] _members; // ascending
    private readonly double[] _others;

    /// <summary>The curve of some scores.</summary>
    /// <param name="members">Scores of those that are looked for, at least one; higher is more likely one of them.</param>
    /// <param name="others">Scores of all others, at least one.</param>
    /// <exception cref="ArgumentException">There is nobody to tell apart, or a score is not a number.</exception>
    public RocCurve(IEnumerable<double> members, IEnumerable<double> others)
    {
        (_members, _others) = ([.. members.Order()], [.. others.Order()]);
        if (_members.Length == 0 || _others.Length == 0 || double.IsNaN(_members[0]) || double.IsNaN(_others[0]))
        {
            throw new ArgumentException($"{_members.Length} scores of members and {_others.Length} of others, without NaN, make no curve: there must be one of each.", nameof(members));
        }

        (Area, StandardError) = Measure();
    }

    /// <summary>Chance that a member scores above another one, ties counted half; 0.5 is a guess.</summary>
    public double Area { get; }

    /// <summary>Standard error of <see cref="Area"/>, for scores that are independent of each other.</summary>
    public double StandardError { get; }

    /// <summary><see cref="Area"/> with its interval.</summary>
    public Measured AreaWithInterval => Measured.Around(Area, StandardError);

    /// <summary>The largest share of members that is found where no more than a share of the others is taken for members, with the interval of Clopper and Pearson.</summary>
    /// <param name="falseRate">In [0, 1).</param>
    public Measured TrueRateAt(double falseRate)
    {
        var allowed = (int)Math.Floor(falseRate * _others.Length);
        var threshold = _others[^(allowed + 1)]; // whoever is above it is taken for a member
        var found = _members.Length - CountUpTo(_members, threshold);
        return new Measured((double)found / _members.Length, BinomialBounds.Lower(found, _members.Length, 0.975), BinomialBounds.Upper(found, _members.Length, 0.975));
    }

    /// <summary>Points from (0, 0) to (1, 1), about as many as asked for at most.</summary>
    public IReadOnlyList<RocPoint> Points(int most)
    {
        double[] thresholds = [.. _members.Concat(_others).Distinct().OrderDescending()];
        var step = Math.Max(1, thresholds.Length / Math.Max(1, most - 2));
        return [new(0, 0), .. thresholds.Where((_, i) => i % step == step - 1).Select(Point), new(1, 1)];

        RocPoint Point(double threshold) => new(1 - ((double)CountBelow(_others, threshold) / _others.Length), 1 - ((double)CountBelow(_members, threshold) / _members.Length));
    }

    private (double Area, double Error) Measure()
    {
        var above = Array.ConvertAll(_members, score => (CountBelow(_others, score) + CountUpTo(_others, score)) / 2.0 / _others.Length);
        var below = Array.ConvertAll(_others, score => 1 - ((CountBelow(_members, score) + CountUpTo(_members, score)) / 2.0 / _members.Length));
        return (above.Average(), Math.Sqrt(VarianceOfMean(above) + VarianceOfMean(below)));
    }

    private static double VarianceOfMean(double[] values)
    {
        var mean = values.Average();
        return values.Length < 2 ? 0.25 : values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1) / values.Length;
    }

    private static int CountBelow(double[] sorted, double value) => Count(sorted, other => other < value);

    private static int CountUpTo(double[] sorted, double value) => Count(sorted, other => other <= value);

    private static int Count(double[] sorted, Func<double, bool> isIn)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = isIn(sorted[middle]) ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
