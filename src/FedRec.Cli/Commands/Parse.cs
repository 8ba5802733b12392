using System.CommandLine.Parsing;
using System.Globalization;

namespace FedRec.Cli.Commands;

/// <summary>Parsers of option values whose errors name what is allowed.</summary>
internal static class Parse
{
    /// <summary>One word of an enumeration, in any case.</summary>
    public static T Word<T>(ArgumentResult result, T otherwise)
        where T : struct, Enum
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
        if (Enum.GetNames<T>().Any(n => n.Equals(text, StringComparison.OrdinalIgnoreCase)))
        {
            return Enum.Parse<T>(text, ignoreCase: true);
        }

        result.AddError($"'{text}' is not one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}.");
        return otherwise;
    }

    /// <summary>A duration such as <c>500ms</c>, <c>30s</c>, <c>2m</c>, <c>1h</c> or <c>00:00:30</c>; a bare number is in seconds.</summary>
    public static TimeSpan Duration(ArgumentResult result)
    {
        var text = result.Tokens[^1].Value;
        if (FedRec.Hosting.Configuration.Duration.TryParse(text, out var duration))
        {
            return duration;
        }

        result.AddError($"'{text}' is not a duration above zero. Write it as 500ms, 30s, 2m, 1h or 00:00:30.");
        return TimeSpan.Zero;
    }

    /// <summary>A metric and the value it must reach, such as <c>ndcg@10=0.07</c>.</summary>
    public static (string Metric, double Value)? Target(ArgumentResult result)
    {
        var parts = result.Tokens[^1].Value.Split('=', 2);
        if (parts is [{ Length: > 0 } metric, var text] && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value))
        {
            return (metric, value);
        }

        result.AddError($"'{result.Tokens[^1].Value}' is not a target. Write it as ndcg@10=0.07 or loss=0.4.");
        return null;
    }

    /// <summary>Whole numbers separated by commas, each in 1…1000, ascending and without repeats.</summary>
    public static int[] Cutoffs(ArgumentResult result)
    {
        var values = new SortedSet<int>();
        foreach (var text in result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var k) || k is < 1 or > 1000)
            {
                result.AddError($"'{text}' is not a cut-off from 1 to 1000. Write them as 5,10,20.");
                return [];
            }

            values.Add(k);
        }

        return [.. values];
    }
}
