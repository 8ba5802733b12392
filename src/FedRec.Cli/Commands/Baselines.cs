using System.CommandLine;
using System.CommandLine.Parsing;
using FedRec.Contracts.Evaluations;

namespace FedRec.Cli.Commands;

/// <summary>The centralised baselines that stand in the same table.</summary>
internal static class Baselines
{
    public static IReadOnlyList<string> All { get; } = ["popularity", "item-knn", "ials"];

    public static Option<string[]> Option(string otherwise) => new("--baselines")
    {
        Description = $"Baselines in the same table: all, none, or some of {string.Join(", ", All)}.",
        HelpName = "all|none|A,B",
        CustomParser = Read,
        DefaultValueFactory = _ => otherwise == "all" ? [.. All] : [],
    };

    public static Option<int[]> Cutoffs() => new("--k")
    {
        Description = "Lengths of the list at which quality is measured, separated by commas.",
        HelpName = "K,K",
        CustomParser = Parse.Cutoffs,
        DefaultValueFactory = _ => [5, 10, 20],
    };

    /// <summary>Evaluates the chosen baselines on the data of a run.</summary>
    public static async Task<IReadOnlyList<EvaluationRecord>> EvaluateAsync(
        IEvaluationGrain evaluation, string runId, IEnumerable<string> names, int[] cutoffs, Action<string> say, CancellationToken cancellationToken)
    {
        var records = new List<EvaluationRecord>();
        foreach (var name in names)
        {
            say($"evaluating baseline {name}");
            records.Add(await evaluation.EvaluateBaselineAsync(runId, name, [.. cutoffs], cancellationToken));
        }

        return records;
    }

    private static string[] Read(ArgumentResult result)
    {
        var words = result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToArray();
        if (words is ["all"])
        {
            return [.. All];
        }

        if (words is ["none"])
        {
            return [];
        }

        foreach (var unknown in words.Except(All))
        {
            result.AddError($"There is no baseline '{unknown}'. {Suggestion.Sentence(unknown, [.. All, "all", "none"])}");
        }

        return [.. All.Intersect(words)];
    }
}
