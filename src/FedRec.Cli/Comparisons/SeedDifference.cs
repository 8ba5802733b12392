namespace FedRec.Cli.Comparisons;

/// <summary>What one method has more than another where both were trained with the same seeds, with a 95 % interval by Student's t over the seeds.</summary>
/// <remarks>It tells what another seed would change, and not what other users would.</remarks>
/// <param name="Seeds">Pairs of runs, at least 2.</param>
/// <param name="Mean">First minus second, mean over the seeds.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
internal sealed record SeedDifference(int Seeds, double Mean, double Low, double High)
{
    // Two-sided 5 % points of Student's t for 1 to 30 degrees of freedom; further ones take the last, which is a little too wide.
    private static readonly double[] s_student =
    [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ];

    /// <summary>Whether chance in training alone hardly explains the difference.</summary>
    public bool ExcludesZero => Low > 0 || High < 0;

    /// <summary>Pairs the runs of two methods, seed by seed.</summary>
    /// <returns>Null where chance cannot be told: fewer than two seeds, or seeds that change nothing.</returns>
    public static SeedDifference? Of(IReadOnlyDictionary<ulong, double> first, IReadOnlyDictionary<ulong, double> second)
    {
        var differences = first.Where(run => second.ContainsKey(run.Key)).Select(run => run.Value - second[run.Key]).ToArray();
        var spread = differences.Length > 1 ? Simulation.Spread.Of(differences) : default;
        if (spread.Sd == 0)
        {
            return null;
        }

        var half = s_student[Math.Min(differences.Length - 1, s_student.Length) - 1] * spread.Sd / Math.Sqrt(differences.Length);
        return new SeedDifference(differences.Length, spread.Mean, spread.Mean - half, spread.Mean + half);
    }
}
