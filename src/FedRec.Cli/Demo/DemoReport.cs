using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Cli.Simulation;
using FedRec.Contracts.Evaluations;

namespace FedRec.Cli.Demo;

/// <summary>The answer of <c>demo</c>.</summary>
internal sealed record DemoReport
{
    public required DataReport Data { get; init; }

    public required string Protocol { get; init; }

    /// <summary>The learner first, then the baselines.</summary>
    public required IReadOnlyList<EvaluationRecord> Evaluations { get; init; }

    /// <summary>The field: <c>movies</c>, <c>shop</c>, <c>clinic</c>, <c>bank</c> or <c>news</c>.</summary>
    public required string Scenario { get; init; }

    /// <summary>What must be said with every result; null for nothing.</summary>
    public string? Banner { get; init; }

    /// <summary>The federated model against each party alone, all of them, and popularity; empty where each user is a client.</summary>
    public required IReadOnlyList<DemoComparison> Comparisons { get; init; }

    /// <summary>The file with a line for each recommendation that the federation ever gave; null where none is kept.</summary>
    public string? AuditFile { get; init; }

    public required IReadOnlyList<DemoRecommendation> Recommendations { get; init; }

    public required ModelReport Model { get; init; }

    public required int Rounds { get; init; }

    public required double TrainSeconds { get; init; }

    public required SortedDictionary<string, string> Urls { get; init; }
}

/// <summary>A user's best recommendation, with the reason in words.</summary>
internal sealed record DemoRecommendation(string User, string Item, string Title, string Why);

/// <summary>What the federation is worth to its parties: paired intervals against each alone and against popularity.</summary>
internal static class DemoComparisons
{
    private const string Metric = "ndcg@10";

    /// <summary>Compares a version with each party alone, all of them together, and with popularity.</summary>
    /// <param name="evaluation">The federation's evaluations.</param>
    /// <param name="version">The version.</param>
    /// <param name="parties">Names of the parties.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<DemoComparison>> MakeAsync(IEvaluationGrain evaluation, long version, IReadOnlyList<string> parties, CancellationToken cancellationToken)
    {
        var made = new List<DemoComparison>();
        foreach (var (name, against) in parties.Select(party => ($"{party} alone", new ComparedWith(0, "alone", party)))
            .Append(("all parties alone", new ComparedWith(0, "alone"))).Append(("popularity", new ComparedWith(0, "popularity"))))
        {
            var record = await evaluation.CompareAsync(version, against, [10], cancellationToken)
                ?? throw new CliException(ExitCode.Failed, $"Model version {version} is gone.", "Run the demo again; it trains a new one.");
            made.Add(new DemoComparison(name, record.Users, record.Differences.FirstOrDefault(difference => difference.Metric == Metric)));
        }

        return made;
    }

    /// <summary>A comparison in words.</summary>
    public static string Sentence(DemoComparison comparison)
    {
        if (comparison.Ndcg is not { } line)
        {
            return $"NDCG@10 against {comparison.Against}: nobody to compare, as no user has a held-out interaction";
        }

        var verdict = !line.ExcludesZero ? "no difference shown" : line.Difference > 0 ? "the federation is better" : "the federation is worse";
        return string.Create(CultureInfo.InvariantCulture,
            $"NDCG@10 against {comparison.Against}: {line.First:F4} − {line.Second:F4} = {line.Difference:F4}, 95 % interval {line.Low:F4} to {line.High:F4} over {Text.Count(comparison.Users)} users: {verdict}");
    }
}

/// <summary>The federated model and another on the same users.</summary>
internal sealed record DemoComparison(string Against, long Users, MetricDifference? Ndcg);

/// <summary>Shows the demonstration's answer to people.</summary>
internal static class DemoTables
{
    public static ResultTable Of(DemoReport report)
    {
        var table = EvaluationTable.Of(Title(report), report.Protocol, report.Evaluations);
        table.Notes.Add($"Model: version {report.Model.Version} after {report.Rounds} {(report.Rounds == 1 ? "round" : "rounds")}, trained in {Text.Seconds(report.TrainSeconds)}, SHA-256 {report.Model.Sha256}");
        foreach (var comparison in report.Comparisons)
        {
            table.Notes.Add(DemoComparisons.Sentence(comparison));
        }

        table.Notes.Add("");
        foreach (var recommendation in report.Recommendations)
        {
            table.Notes.Add(recommendation.Why);
        }

        if (report.Banner is not null)
        {
            table.Notes.Add(report.Banner);
        }

        if (report.AuditFile is not null)
        {
            table.Notes.Add($"Audit: a line for each of these, and for whatever else is recommended, in {report.AuditFile}");
        }

        if (report.Urls.Count > 0)
        {
            table.Notes.Add("");
        }

        foreach (var (name, url) in report.Urls)
        {
            table.Notes.Add($"  {name,-8} {url}");
        }

        return table;
    }

    private static string Title(DemoReport report)
    {
        var data = report.Data;
        var parties = report.Scenario == Core.Data.Scenario.Usual ? "each user is a client" : $"{Text.Count(data.Clients)} parties";
        return $"{(data.Name == "synthetic" ? "Built-in data" : data.Name)}: {Text.Count(data.Users)} users, {Text.Count(data.Items)} items, {Text.Count(data.Interactions)} interactions; {parties}";
    }
}
