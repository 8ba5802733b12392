using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Contracts.Models;

namespace FedRec.Cli.Simulation;

/// <summary>Shows a report to people: the learner and the baselines in one table, with the protocol beside the numbers.</summary>
internal static class SimulationTables
{
    /// <summary>All tables of a report.</summary>
    public static ResultTable[] Of(SimulationReport report) => report.Personal is { } personal ? [Quality(report), PersonalTable.Of(personal)] : [Quality(report)];

    public static ResultTable Quality(SimulationReport report)
    {
        var metrics = EvaluationTable.Metrics(report.Metrics.Keys.Concat(report.Baselines.Values.SelectMany(b => b.Keys)));
        var table = EvaluationTable.Empty(Title(report), metrics);
        var called = report.Personal is { } own ? $"{report.Learner}, {own.Method}" : report.Learner;
        var learner = report.Seeds.Count > 1 ? $"{called} ({report.Seeds.Count} seeds)" : called;
        table.Add([learner, .. Cells(report.Metrics, metrics, report.Seeds.Count)]);
        if (report.Personal is { } personal)
        {
            table.Add([$"{report.Learner}, shared", .. Cells(personal.Shared, metrics, report.Seeds.Count)]);
        }

        foreach (var (name, values) in report.Baselines)
        {
            table.Add([name, .. Cells(values, metrics, 1)]);
        }

        table.Notes.Add($"Protocol: {report.Protocol}");
        table.Notes.Add(EvaluationTable.Evaluated(report.EvaluatedUsers));
        foreach (var note in GroupTable.Notes(report.Quantiles, metric => report.Metrics[metric].Mean))
        {
            table.Notes.Add(note);
        }

        table.Notes.Add(Work(report));
        foreach (var run in report.Runs)
        {
            table.Notes.Add($"Ended ({run.StopReason.ToString().ToLowerInvariant()}): {(report.Runs.Count > 1 ? $"seed {run.Seed}, " : "")}{run.Reason}");
            table.Notes.Add($"Version {run.Model.Version} {InUse(run.Promotion)}");
        }

        table.Notes.Add($"Weighting: {report.Weighting}; no client had more than {Text.Percent(report.LargestShare, 2)} of a round's mean");
        if (report is { ClippedShare: { } clipped, Privacy: null }) // of a private run it is told to nobody
        {
            table.Notes.Add($"Clipped: {Text.Percent(clipped, 1)} of all counted updates");
        }

        table.Notes.Add($"Privacy: {report.Privacy?.ToWords() ?? "none; --epsilon limits what the model tells of any one client"}");
        table.Notes.Add(Traffic(report));
        table.Notes.Add($"Model: version {report.Model.Version}, SHA-256 {report.Model.Sha256}");
        table.Notes.Add($"Run folder: {report.RunFolder}");
        return table;
    }

    private static string InUse(PromotionDecision? promotion) => promotion is null ? "was published" // by an older program
        : $"is {(promotion.Promoted ? "in use" : "not in use")}: {promotion.Reason}";

    private static IEnumerable<string> Cells(IReadOnlyDictionary<string, Spread> values, IEnumerable<string> metrics, int runs) =>
        metrics.Select(m => values.TryGetValue(m, out var spread) ? Text.MeanAndSpread(spread.Mean, spread.Sd, runs) : "");

    private static string Title(SimulationReport report) =>
        $"{report.Data.Name}: {Text.Count(report.Data.Users)} users, {Text.Count(report.Data.Items)} items, {Text.Count(report.Data.Interactions)} interactions "
        + $"({Text.Percent(report.Data.Density, 2)} dense), {Text.Count(report.Data.Clients)} clients";

    private static string Work(SimulationReport report) =>
        $"Training: {report.Rounds} {(report.Rounds == 1 ? "round" : "rounds")}, {Text.Count(report.Participants)} client trainings, {Text.Count(report.Dropped)} dropped, {Text.Count(report.Late)} late, {Text.Count(report.Rejected)} rejected"
        + $"{(report.AbandonedRounds > 0 ? $", {report.AbandonedRounds} rounds abandoned" : "")}; {Text.Seconds(report.TrainSeconds)}, {Text.Count((long)report.ClientTrainingsPerSecond)} client trainings per second";

    private static string Traffic(SimulationReport report) =>
        $"Traffic: {Text.Bytes(report.BytesUp)} up and {Text.Bytes(report.BytesDown)} down would travel if each client were a process of its own"
        + (report.MovedBytes > 0 ? $"; {Text.Bytes(report.MovedBytes)} of sums and parameters moved between silos" : "")
        + (report.BytesPerIdleClient is { } idle ? $"; {Text.Bytes(idle)} per idle client" : "")
        + (report.PeakMemoryBytes is { } peak ? $", {Text.Bytes(peak)} at most in memory" : "");
}

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

/// <summary>The order in which metrics are shown: HR, NDCG, recall, MRR, MAP, AUC, errors of ratings, what is in the lists, others; within each by K; last those among sampled items.</summary>
internal sealed class MetricOrder : IComparer<string>
{
    private static readonly string[] s_names = ["accuracy", "hr", "ndcg", "precision", "recall", "mrr", "map", "auc", "rmse", "mae", "coverage", "novelty", "diversity", "popbias"];

    public static MetricOrder Instance { get; } = new();

    public int Compare(string? x, string? y) => Key(x).CompareTo(Key(y));

    private static (int Rank, string Name, int K, string All) Key(string? metric)
    {
        var parts = (metric ?? "").Split('@', 2);
        var rank = Array.IndexOf(s_names, parts[0]);
        var k = parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;
        return (rank < 0 || parts[^1].Contains('/', StringComparison.Ordinal) ? int.MaxValue : rank, parts[0], k, metric ?? "");
    }
}
