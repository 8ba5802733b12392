using System.Globalization;
using System.Text.Json.Serialization;
using FedRec.Cli.Output;

namespace FedRec.Cli.Serving;

/// <summary>One measured number of serving.</summary>
/// <param name="Part">Which part of the measurement it is of.</param>
/// <param name="What">In words.</param>
/// <param name="Value">Milliseconds, or requests a second; null where no request was answered.</param>
/// <param name="Unit"><c>ms</c> or <c>1/s</c>.</param>
/// <param name="Goal">At most this for milliseconds, at least this for requests a second; null without one.</param>
internal sealed record ServeLine(string Part, string What, double? Value, string Unit, double? Goal = null)
{
    /// <summary>Whether the goal is reached; null without one.</summary>
    public bool? Reached => Goal is not { } goal ? null : Value is { } value && (Unit == "ms" ? value <= goal : value >= goal);
}

/// <summary>One part of the measurement: what was sent, and what came of it.</summary>
/// <param name="Name">One of <see cref="ServeBench.Parts"/>.</param>
/// <param name="Requests">Requests sent, those of the warm-up too.</param>
/// <param name="Failed">Those that were not answered, or not with what was asked for.</param>
/// <param name="LateMilliseconds">How late the generator itself was, at the 99th percentile: it is in the times of the requests. Null where nothing was due at a time.</param>
/// <param name="Note">What people should know of it; null for nothing.</param>
/// <param name="Lines">What was measured.</param>
internal sealed record ServePart(string Name, int Requests, int Failed, double? LateMilliseconds, string? Note, IReadOnlyList<ServeLine> Lines)
{
    /// <summary>How late the generator was, for people: a large number says that processors were short on its side.</summary>
    [JsonIgnore]
    public string? Late => LateMilliseconds is { } late ? string.Create(CultureInfo.InvariantCulture, $"the generator itself was late by {late:F2} ms at p99") : null;
}

/// <summary>Shows what was measured.</summary>
internal static class ServeReport
{
    public static void Write(CommandContext context, ServeTarget target, ServeLoad load, IReadOnlyList<ServePart> parts)
    {
        var table = new ResultTable($"{target.Federation} at {target.Server}: lists of {target.Count} for {Text.Count(target.Users.Count)} users", "what", ">measured", ">goal", "reached", ">requests", ">failed");
        foreach (var (part, line) in parts.SelectMany(part => part.Lines.Select(line => (part, line))))
        {
            table.Add(line.What, Number(line.Value, line.Unit), line.Goal is null ? "" : $"{(line.Unit == "ms" ? "≤" : "≥")} {Number(line.Goal, line.Unit)}",
                line.Reached switch { true => "yes", false => "no", null => "" }, Text.Count(part.Requests), Text.Count(part.Failed));
        }

        table.Notes.Add(load.Words);
        foreach (var part in parts.Where(part => (part.Note ?? part.Late) is not null))
        {
            table.Notes.Add($"{part.Name}: {string.Join("; ", new[] { part.Note, part.Late }.OfType<string>())}");
        }

        context.Write(
            new
            {
                server = target.Server,
                target.Federation,
                users = target.Users.Count,
                target.Count,
                processors = Environment.ProcessorCount,
                load = new { load.Rate, seconds = load.Length.TotalSeconds, warmUpSeconds = load.WarmUp.TotalSeconds, load.Connections, load.Clicks, load.Requests },
                failed = parts.Sum(part => part.Failed),
                parts,
            },
            table);
    }

    private static string Number(double? value, string unit) => value is not { } number ? "–"
        : unit == "ms" ? $"{number.ToString(number < 10 ? "F2" : "F1", CultureInfo.InvariantCulture)} ms" : $"{Text.Count((long)number)}/s";
}
