using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Contracts.Evaluations;

namespace FedRec.Cli.Demo;

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
