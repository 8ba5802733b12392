using System.Collections.Immutable;
using System.Text.Json;
using FedRec.Hosting.Configuration;

namespace FedRec.Cli.Sweeps;

/// <summary>Reads a sweep file: <c>{"grid": {"dims": [32, 64]}, "seeds": 3, "metric": "ndcg@10"}</c>, with a list of grids where one does
/// not say it, or <c>"random": {"trials": 20, "seed": 1, "space": {"server-lr": {"min": 0.001, "max": 1, "log": true}}}</c>.</summary>
internal static class SweepFile
{
    private const string DefaultMetric = "ndcg@10";
    private static readonly JsonDocumentOptions s_json = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <param name="path">Full path of the file.</param>
    /// <param name="options">Names that can be searched over.</param>
    /// <exception cref="CliException">The file is missing, is no sweep, or names an option that there is not.</exception>
    public static SweepPlan Read(string path, IReadOnlyCollection<string> options)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(path), s_json);
            var members = Members(document.RootElement, "the sweep", "grid", "random", "seeds", "metric");
            Require(members.ContainsKey("grid") != members.ContainsKey("random"), "A sweep has either a grid or a random search");
            var points = members.TryGetValue("grid", out var grid) ? Grid(grid) : RandomSearch.Read(members["random"]);
            points.SelectMany(point => point.Options.Keys).Distinct().ToList().ForEach(name => RequireKnown(name, "option to search over", options));
            Require(points.Length > 0, "The sweep has no points: a list of values is empty");
            return new SweepPlan(points, members.TryGetValue("seeds", out var seeds) ? Whole(seeds, "seeds", 1, 1_000) : null,
                members.TryGetValue("metric", out var metric) ? Text(metric) : DefaultMetric);
        }
        catch (Exception e) when (e is JsonException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Usage, $"{path}: {e.Message}", "A sweep is written as {\"grid\": {\"dims\": [32, 64], \"server-lr\": [0.01, 0.02]}, \"seeds\": 3}.", e);
        }
    }

    /// <summary>The members of an object, of which only some names are known.</summary>
    /// <exception cref="FormatException">It is no object, or has another member.</exception>
    public static Dictionary<string, JsonElement> Members(JsonElement value, string what, params string[] known)
    {
        Require(value.ValueKind is JsonValueKind.Object, $"{what} must be an object");
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (known.Length > 0)
            {
                RequireKnown(member.Name, $"member of {what}", known);
            }

            Require(members.TryAdd(member.Name, member.Value), $"{what} has '{member.Name}' twice");
        }

        return members;
    }

    /// <summary>A value as it would be typed on the command line.</summary>
    /// <exception cref="FormatException">It is neither a number nor a text.</exception>
    public static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new FormatException($"{value.GetRawText()} is neither a number nor a text."),
    };

    public static int Whole(JsonElement value, string name, int low, int high) =>
        value.ValueKind is JsonValueKind.Number && value.TryGetInt32(out var number) && number >= low && number <= high
            ? number : throw new FormatException($"'{name}' is {value.GetRawText()}; it must be a whole number from {low} to {high}.");

    public static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new FormatException(what + ".");
        }
    }

    // Every combination; of several grids, one after the other.
    private static ImmutableArray<SweepPoint> Grid(JsonElement grid)
    {
        if (grid.ValueKind is JsonValueKind.Array)
        {
            return [.. grid.EnumerateArray().SelectMany(one => Grid(one))];
        }

        IEnumerable<ImmutableSortedDictionary<string, string>> points = [ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)];
        foreach (var (name, values) in Members(grid, "a grid"))
        {
            Require(values.ValueKind is JsonValueKind.Array, $"'{name}' must be a list of values");
            var texts = values.EnumerateArray().Select(Text).ToList();
            points = [.. points.SelectMany(point => texts.Select(text => point.Add(name, text)))];
        }

        return [.. points.Select(point => new SweepPoint(point))];
    }

    private static void RequireKnown(string name, string what, IReadOnlyCollection<string> known)
    {
        if (!known.Contains(name))
        {
            throw new FormatException($"There is no {what} '{name}'. {Suggestion.Sentence(name, known)}");
        }
    }
}
