using System.Globalization;
using System.Text.Json.Serialization;
using FedRec.Cli.Output;
using FedRec.Cli.Simulation;
using FedRec.Cli.Sweeps;

namespace FedRec.Cli.Comparisons;

/// <summary>The answer of <c>compare</c>.</summary>
/// <param name="Methods">In the order in which they are shown; pooled training first.</param>
/// <param name="Parties">Number of parties.</param>
/// <param name="Alpha">Concentration of the uneven deal.</param>
/// <param name="Seeds">Runs of each method and deal.</param>
/// <param name="Folder">Where the trials are.</param>
internal sealed record MethodReport(IReadOnlyList<MethodResult> Methods, int Parties, double Alpha, int Seeds, string Folder)
{
    /// <summary>Pooled training; null when it failed.</summary>
    [JsonIgnore]
    public DealResult? Pooled => Methods.FirstOrDefault(method => method.Name == ComparedMethod.Pooled)?.Skewed;

    /// <summary>The method with parties whose mean on the uneven deal is the highest; null when all failed. Whether that is more than chance, the differences tell.</summary>
    [JsonIgnore]
    public MethodResult? Highest => Methods.Where(method => method.Name != ComparedMethod.Pooled && method.Skewed is not null).MaxBy(method => method.Skewed!.Ndcg.Mean);

    /// <summary>The method after the highest; null when there is none.</summary>
    [JsonIgnore]
    public MethodResult? Next => Methods.Where(method => method.Name != ComparedMethod.Pooled && method.Skewed is not null && method != Highest).MaxBy(method => method.Skewed!.Ndcg.Mean);

    /// <summary>NDCG@10 of the highest against pooled training, on the uneven deal; null where chance cannot be told.</summary>
    public SeedDifference? HighestAgainstPooled => Between(Highest?.Skewed, Pooled);

    /// <summary>NDCG@10 of the highest against the next, on the uneven deal; null where chance cannot be told.</summary>
    public SeedDifference? HighestAgainstNext => Between(Highest?.Skewed, Next?.Skewed);

    private static SeedDifference? Between(DealResult? first, DealResult? second) => first is null || second is null ? null : SeedDifference.Of(first.NdcgBySeed, second.NdcgBySeed);
}

/// <summary>One method on both deals.</summary>
/// <param name="Name">The method.</param>
/// <param name="Alike">On parties that hold users at random; null when training failed.</param>
/// <param name="Skewed">On parties that differ in taste and volume; null when training failed.</param>
/// <param name="Failure">Why training failed; null when it did not.</param>
internal sealed record MethodResult(string Name, DealResult? Alike, DealResult? Skewed, string? Failure)
{
    /// <summary>Share of NDCG@10 that is lost where parties differ; below 0 for a gain; null when one of the two failed.</summary>
    public double? Loss => Alike is null || Skewed is null || Alike.Ndcg.Mean == 0 ? null : 1 - (Skewed.Ndcg.Mean / Alike.Ndcg.Mean);

    public static MethodResult Of(string name, TrialResult alike, TrialResult skewed) =>
        new(name, DealResult.Of(alike), DealResult.Of(skewed), alike.Failure ?? skewed.Failure ?? (DealResult.Of(skewed) is null ? "nobody to evaluate: no user has a held-out interaction" : null));
}

/// <summary>Quality on test interactions, over the seeds.</summary>
/// <param name="Ndcg">NDCG@10.</param>
/// <param name="HitRate">HR@10.</param>
/// <param name="WorstDecile">NDCG@10 of the tenth of the users, by activity, that fares worst.</param>
internal sealed record DealResult(Spread Ndcg, Spread HitRate, Spread? WorstDecile)
{
    /// <summary>NDCG@10 of each seed.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<ulong, double> NdcgBySeed { get; init; } = new Dictionary<ulong, double>();

    public static DealResult? Of(TrialResult trial) => trial.Failure is not null || !trial.Test.TryGetValue("ndcg@10", out var ndcg) ? null
        : new DealResult(ndcg, trial.Test["hr@10"], trial.TestQuantiles.TryGetValue("ndcg@10/worst-decile", out var worst) ? worst : null)
        {
            NdcgBySeed = trial.Runs.ToDictionary(run => run.Seed, run => run.Test["ndcg@10"]),
        };
}

/// <summary>A comparison of methods as a table: a row for each, with both deals side by side.</summary>
internal static class MethodTable
{
    public static ResultTable Of(MethodReport report)
    {
        var skew = string.Create(CultureInfo.InvariantCulture, $"α={report.Alpha}");
        var table = new ResultTable(
            string.Create(CultureInfo.InvariantCulture, $"{report.Parties} parties, users dealt alike (IID) and unevenly ({skew}), {report.Seeds} seeds"),
            "method", ">NDCG@10 IID", $">NDCG@10 {skew}", ">loss", ">against pooled", ">HR@10 IID", $">HR@10 {skew}", ">worst decile IID", $">worst decile {skew}", "failure");
        foreach (var method in report.Methods)
        {
            table.Add(
                method.Name, Cell(method.Alike?.Ndcg, report), Cell(method.Skewed?.Ndcg, report), method.Loss is { } loss ? Text.Percent(loss) : "", AgainstPooled(method, report),
                Cell(method.Alike?.HitRate, report), Cell(method.Skewed?.HitRate, report), Cell(method.Alike?.WorstDecile, report), Cell(method.Skewed?.WorstDecile, report), method.Failure ?? "");
        }

        if (report.Methods.All(method => method.Failure is null))
        {
            table.Details.Add(table.Columns.Length - 1);
        }

        AddNotes(table, report);
        return table;
    }

    private static void AddNotes(ResultTable table, MethodReport report)
    {
        foreach (var sentence in Verdict(report))
        {
            table.Notes.Add(sentence);
        }

        table.Notes.Add("FedAvg, FedProx and SCAFFOLD take the mean of the clients' models; FedOpt is the server step that suits the learner. loss: NDCG@10 from IID to uneven.");
        table.Notes.Add("worst decile: NDCG@10 of the tenth of the users, by activity, that fares worst. All numbers are of test interactions, by which nothing was chosen.");
        table.Notes.Add($"Comparison folder: {report.Folder}");
    }

    // "Best" is said of what seeds show, and never of the highest mean alone.
    private static IEnumerable<string> Verdict(MethodReport report)
    {
        if (report is not { Highest: { } highest, Pooled: not null })
        {
            yield break;
        }

        if (report is { HighestAgainstPooled: null, HighestAgainstNext: null })
        {
            yield return report.Seeds < 2
                ? $"No difference is shown: one seed has no interval. The highest mean where parties differ is that of {highest.Name}; give --seeds 3 or more to tell it from chance."
                : $"No difference is shown: the {report.Seeds} seeds give no interval. The highest mean where parties differ is that of {highest.Name}.";
            yield break;
        }

        yield return report.HighestAgainstPooled is { } pooled ? Sentence(highest.Name, "pooled training", pooled) : $"Against pooled training no difference of {highest.Name} is shown: the seeds give no interval.";
        if (report is { Next: { } next, HighestAgainstNext: { } margin })
        {
            yield return margin.ExcludesZero
                ? $"Best where parties differ: {Sentence(highest.Name, next.Name, margin)}"
                : $"No method is shown to be the best where parties differ: {Sentence(highest.Name, next.Name, margin)}";
        }

        yield return "Intervals are over seeds, for the highest mean of several methods; they are not corrected for that choice.";
    }

    private static string Sentence(string first, string second, SeedDifference difference)
    {
        var interval = string.Create(CultureInfo.InvariantCulture, $"NDCG@10 {difference.Mean:+0.0000;−0.0000}, 95 % interval over {difference.Seeds} seeds {difference.Low:F4} to {difference.High:F4}");
        return difference.ExcludesZero ? $"{first} is {(difference.Mean > 0 ? "better" : "worse")} than {second} where parties differ ({interval})"
            : $"between {first} and {second} no difference is shown ({interval})";
    }

    private static string Cell(Spread? spread, MethodReport report) => spread is { } known ? Text.MeanAndSpread(known.Mean, known.Sd, report.Seeds) : "";

    private static string AgainstPooled(MethodResult method, MethodReport report) =>
        report.Pooled is { } pooled && method.Skewed is { } own && pooled.Ndcg.Mean > 0
            ? (own.Ndcg.Mean / pooled.Ndcg.Mean) - 1 is var share && share >= 0 ? "+" + Text.Percent(share) : Text.Percent(share) : "";
}

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
