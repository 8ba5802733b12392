using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FedRec.Cli.Output;
using FedRec.Cli.Runs;
using FedRec.Web.Api;

namespace FedRec.Cli.Commands;

/// <summary><c>run compare</c>: what sets runs apart, settings first, then what came of them.</summary>
internal static class RunCompareCommand
{
    public static Command Create(Terminal terminal)
    {
        var ids = new Argument<string[]>("runs") { Description = "Two runs or more, such as run-1 run-2, or shop/run-1 cafe/run-4.", Arity = new ArgumentArity(2, 10) };
        var (federation, connection) = (CommonOptions.Federation(), new RunConnection());
        var command = new Command("compare", "Shows runs side by side: the settings in which they differ, and what came of them.") { ids };
        command.WithOptions([new("Runs", [federation]), connection.Group]);
        command.WithExamples("fedrec run compare run-1 run-2", "fedrec run compare shop/run-1 cafe/run-4 --format csv");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var names = context.Value(ids).Select(id => RunName.Parse(id, context.Value(federation))).ToList();
            await using var runs = await connection.OpenAsync(context, cancellationToken);
            var found = new List<ComparedRun>();
            foreach (var name in names)
            {
                var run = await runs.GetAsync(name, cancellationToken);
                found.Add(new ComparedRun(run, (await runs.GetMetricsAsync(new RunName(run.Federation, run.Id), cancellationToken)).Evaluations.LastOrDefault(e => e.Name == run.Request.Learner && !e.OnValidation)));
            }

            var settings = found.ConvertAll(run => Settings(run.Run));
            var differing = settings.SelectMany(one => one.Keys).Distinct().Where(key => settings.Select(one => one.GetValueOrDefault(key)).Distinct().Count() > 1).Order(StringComparer.Ordinal).ToList();
            var table = new ResultTable("Runs side by side", ["", .. found.Select(run => $"{run.Run.Federation}/{run.Run.Id}")]);
            foreach (var key in differing)
            {
                table.Add([key, .. settings.Select(one => one.GetValueOrDefault(key) ?? "")]);
            }

            foreach (var (what, of) in s_outcomes)
            {
                table.Add([what, .. found.Select(run => of(run.Run))]);
            }

            foreach (var metric in found.SelectMany(run => run.Test?.Metrics.Keys ?? []).Distinct().Order(StringComparer.Ordinal))
            {
                table.Add([metric, .. found.Select(run => run.Test?.Metrics.GetValueOrDefault(metric) is { } value ? Text.Fixed(value) : "")]);
            }

            context.Write(new { differing, runs = found.Select(run => new { run.Run.Federation, run.Run.Id, run.Run, test = run.Test }) }, table);
            return ExitCode.Ok;
        });
        return command;
    }

    private static readonly (string What, Func<RunView, string> Of)[] s_outcomes =
    [
        ("phase", run => run.Phase.ToString().ToLowerInvariant()),
        ("rounds done", run => run.RoundsDone.ToString(CultureInfo.InvariantCulture)),
        ("updates counted", run => Text.Count(run.Totals.Participants)),
        ("dropped, late, rejected", run => $"{Text.Count(run.Totals.Dropped)}, {Text.Count(run.Totals.Late)}, {Text.Count(run.Totals.Rejected)}"),
        ("would travel from clients", run => Text.Bytes(run.Totals.BytesUp)),
        ("would travel to clients", run => Text.Bytes(run.Totals.BytesDown)),
        ("moved between silos", run => Text.Bytes(run.Totals.MovedBytes)),
        ("time of rounds", run => Text.Seconds(run.Totals.RoundSeconds)),
        ("version", run => run.Version == 0 ? "none" : run.Version.ToString(CultureInfo.InvariantCulture)),
        ("sha256", run => run.Sha256[..Math.Min(16, run.Sha256.Length)]),
    ];

    // All settings of a run by their path; what it is about stands beside them.
    private static SortedDictionary<string, string> Settings(RunView run)
    {
        var flat = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Flatten(JsonNode.Parse(Json.Line(run.Request)), "", flat);
        Flatten(JsonNode.Parse(Json.Line(run.Data)), "data", flat);
        flat.Remove("federation"); // stands above
        return flat;
    }

    private static void Flatten(JsonNode? node, string path, SortedDictionary<string, string> into)
    {
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members)
            {
                Flatten(value, path.Length == 0 ? name : $"{path}.{name}", into);
            }
        }
        else if (node is not null)
        {
            into[path] = node.GetValueKind() is JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString();
        }
    }

    private sealed record ComparedRun(RunView Run, EvaluationView? Test);
}
