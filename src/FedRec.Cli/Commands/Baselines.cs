using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FedRec.Contracts.Evaluations;
using FedRec.Core.Data;

namespace FedRec.Cli.Commands;

/// <summary>The centralised baselines that stand in the same table.</summary>
internal static class Baselines
{
    public static IReadOnlyList<string> All { get; } = ["popularity", "item-knn", "ials"];

    /// <summary>Takes minutes, so that it is trained only where it is named.</summary>
    public const string Sequential = "sasrec";

    /// <summary>Those that only parties with many users have: the learner itself, trained by each alone or on all data.</summary>
    public static IReadOnlyList<string> OfParties { get; } = ["alone", "centralised"];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. All, Sequential, .. OfParties];

    public static Option<string[]> Option(string otherwise) => new("--baselines")
    {
        Description = $"Baselines in the same table: all ({string.Join(", ", All)}), none, or some of {string.Join(", ", Known)}; {Sequential} is a centralised network of the order of users' items, for data with times, and takes minutes; the last two train the learner itself, by each party alone or on pooled data.{(otherwise == "all" ? " A labelled table has popularity by default." : "")}",
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
        IEvaluationGrain evaluation, string runId, IEnumerable<string> names, int[] cutoffs, Action<string> say, CancellationToken cancellationToken, bool sampled = false)
    {
        var records = new List<EvaluationRecord>();
        foreach (var name in names)
        {
            say($"evaluating baseline {name}{(name == Sequential ? " (settings are chosen and a network is trained: minutes)" : "")}");
            records.Add(sampled
                ? await evaluation.EvaluateBaselineSampledAsync(runId, name, [.. cutoffs], cancellationToken)
                : await evaluation.EvaluateBaselineAsync(runId, name, [.. cutoffs], cancellationToken));
        }

        return records;
    }

    /// <summary>What a version is compared with: another version, or a baseline.</summary>
    public static Option<ComparedWith?> Against() => new("--against")
    {
        Description = $"Compares with another model version, or with one of {string.Join(", ", Known)}: differences with 95 % intervals over the same users.",
        HelpName = "N|BASELINE",
        CustomParser = ReadAgainst,
    };

    private static ComparedWith? ReadAgainst(ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) && version > 0)
        {
            return new ComparedWith(version);
        }

        if (Known.Contains(text))
        {
            return new ComparedWith(0, text);
        }

        result.AddError($"'{text}' is neither a model version nor a baseline. {NearestName.Sentence(text, [.. Known])}");
        return null;
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

        foreach (var unknown in words.Except(Known))
        {
            result.AddError($"There is no baseline '{unknown}'. {NearestName.Sentence(unknown, [.. Known, "all", "none"])}");
        }

        return [.. Known.Intersect(words)];
    }
}
