namespace FedRec.Cli.Simulation;

/// <summary>A value over several runs.</summary>
/// <param name="Mean">Arithmetic mean.</param>
/// <param name="Sd">Sample standard deviation; 0 for one run.</param>
internal readonly record struct Spread(double Mean, double Sd)
{
    public static Spread Of(IReadOnlyCollection<double> values)
    {
        var mean = values.Average();
        return new Spread(mean, values.Count < 2 ? 0 : Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)));
    }

    /// <summary>Metric by metric over several evaluations of the same thing; metrics that not all have are left out.</summary>
    public static SortedDictionary<string, Spread> Of(IReadOnlyList<IReadOnlyDictionary<string, double>> evaluations)
    {
        var spreads = new SortedDictionary<string, Spread>(MetricOrder.Instance);
        foreach (var name in evaluations.Count == 0 ? [] : evaluations[0].Keys.Where(name => evaluations.All(e => e.ContainsKey(name))))
        {
            spreads[name] = Of([.. evaluations.Select(e => e[name])]);
        }

        return spreads;
    }
}
