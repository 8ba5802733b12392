using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using FedRec.Core.Randomness;

namespace FedRec.Cli.Sweeps;

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
