using System.CommandLine;
using FedRec.Cli.Diagnostics;
using FedRec.Cli.Output;

namespace FedRec.Cli.Commands;

/// <summary><c>doctor</c>: what this machine has, and how to fix what it lacks.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        var storage = CommonOptions.Storage();
        var command = new Command("doctor", "Checks runtime, native libraries, ports, disk and storage; names the fix for what is missing. Exit code 1 when something required fails.") { storage };
        command.WithExamples("fedrec doctor", "fedrec doctor --storage memory --format json");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var plan = VerbSession.Plan(context, context.Value(storage));
            var results = await Checkup.RunAsync(context, plan, cancellationToken);
            var healthy = results.All(r => r.Ok || !r.Required);
            context.Write(new { healthy, version = Simulation.RunEnvironment.Version, checks = results }, Table(results, healthy));
            return healthy ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static ResultTable Table(IReadOnlyList<CheckResult> results, bool healthy)
    {
        var table = new ResultTable($"FedRec {Simulation.RunEnvironment.Version}", "", "check", "found", "fix");
        foreach (var result in results)
        {
            table.Add(result.Ok ? "✓" : result.Required ? "✗" : "!", result.Name, result.Found, result.Fix ?? "");
        }

        table.Notes.Add(healthy ? "Everything that is required is there." : "Something required is missing: see the fix beside each ✗.");
        return table;
    }
}
