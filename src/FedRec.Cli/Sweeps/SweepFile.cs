using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using FedRec.Core.Data;
using FedRec.Core.Randomness;

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
            throw new FormatException($"There is no {what} '{name}'. {NearestName.Sentence(name, known)}");
        }
    }
}

/// <summary>What a sweep file asks for.</summary>
/// <param name="Points">The points, in the order in which they are tried; at least one.</param>
/// <param name="Seeds">Runs of each point; null leaves it to the command line.</param>
/// <param name="Metric">The validation metric that ranks the points; higher is better.</param>
internal sealed record SweepPlan(ImmutableArray<SweepPoint> Points, int? Seeds, string Metric);

/// <summary>One setting of the options that are searched over: names as on the command line, without dashes.</summary>
internal sealed record SweepPoint(ImmutableSortedDictionary<string, string> Options)
{
    /// <summary>Options of the command line that this point does without. Default: none.</summary>
    public ImmutableSortedSet<string> Without { get; init; } = ImmutableSortedSet<string>.Empty;

    /// <summary>The point for people: <c>dims=64 server-lr=0.02</c>.</summary>
    public string Label => string.Join(' ', Options.Select(option => $"{option.Key}={option.Value}"));
}

/// <summary>Points drawn at random: of the same trials a random search covers each important option more finely than a grid
/// (Bergstra and Bengio 2012, JMLR 13). More trials under the same seed only add points.</summary>
internal static class RandomSearch
{
    private const int MaxTrials = 10_000;

    /// <exception cref="FormatException">The part of the file is no random search.</exception>
    public static ImmutableArray<SweepPoint> Read(JsonElement random)
    {
        var members = SweepFile.Members(random, "random", "trials", "seed", "space");
        SweepFile.Require(members.ContainsKey("trials") && members.ContainsKey("space"), "A random search needs trials and a space");
        var trials = SweepFile.Whole(members["trials"], "trials", 1, MaxTrials);
        var seed = members.TryGetValue("seed", out var given) ? SweepFile.Whole(given, "seed", 0, int.MaxValue) : 1;
        var space = SweepFile.Members(members["space"], "space").OrderBy(axis => axis.Key, StringComparer.Ordinal).Select(axis => (axis.Key, Draw: Axis(axis.Key, axis.Value))).ToList();
        SweepFile.Require(space.Count > 0, "The space has no options");
        return [.. Enumerable.Range(0, trials).Select(trial => new SweepPoint(
            space.ToImmutableSortedDictionary(axis => axis.Key, axis => axis.Draw(SeedSequence.For((ulong)seed, axis.Key, trial).NextDouble()), StringComparer.Ordinal)))];
    }

    /// <summary>How a number in [0, 1) becomes a value of one option.</summary>
    private static Func<double, string> Axis(string name, JsonElement axis)
    {
        if (axis.ValueKind is JsonValueKind.Array)
        {
            var values = axis.EnumerateArray().Select(SweepFile.Text).ToList();
            SweepFile.Require(values.Count > 0, $"'{name}' has no values");
            return share => values[(int)(share * values.Count)];
        }

        var members = SweepFile.Members(axis, $"'{name}'", "min", "max", "log", "whole");
        var (low, high) = (Number(members, name, "min"), Number(members, name, "max"));
        var (log, whole) = (Flag(members, "log"), Flag(members, "whole"));
        SweepFile.Require(low < high && (!log || low > 0), $"'{name}' needs min below max{(log ? ", and min above 0 because of log" : "")}");
        return share =>
        {
            var top = whole ? high + 1 : high; // each whole number from min to max has its part
            var value = log ? low * Math.Pow(top / low, share) : low + (share * (top - low));
            return whole ? Math.Floor(value).ToString("F0", CultureInfo.InvariantCulture) : value.ToString("G4", CultureInfo.InvariantCulture);
        };
    }

    private static double Number(Dictionary<string, JsonElement> members, string name, string member) =>
        members.TryGetValue(member, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number : throw new FormatException($"'{name}' needs a number as {member}, or a list of values.");

    private static bool Flag(Dictionary<string, JsonElement> members, string member) => members.TryGetValue(member, out var value) && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new FormatException($"'{member}' is {value.GetRawText()}; it must be true or false."),
    };
}
