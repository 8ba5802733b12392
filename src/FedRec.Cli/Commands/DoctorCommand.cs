using System.CommandLine;
using FedRec.Cli.Hosting;
using FedRec.Cli.Output;
using FedRec.Hosting;

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

/// <summary>All checks, in the order in which one depends on another.</summary>
internal static class Checkup
{
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(CommandContext context, SessionPlan plan, CancellationToken cancellationToken)
    {
        var home = context.DataFolder;
        var results = new List<CheckResult>
        {
            MachineChecks.Runtime(),
            await MachineChecks.SdkAsync(context.Terminal, cancellationToken),
            MachineChecks.Vectors(),
            MachineChecks.NativeTorch(),
            MachineChecks.WebPort(plan.Settings.Web.Port, InstanceLease.Read(home, plan.Store)),
        };
        if (plan.Storage != "memory")
        {
            results.Add(MachineChecks.Writable(home));
            results.Add(MachineChecks.Disk(home));
            results.Add(StoreChecks.Encryption(plan));
        }

        if (plan.Storage == "azurite")
        {
            results.Add(await StoreChecks.NodeAsync(context.Terminal, cancellationToken));
        }

        results.Add(await StoreChecks.WriteAsync(context, plan, cancellationToken));
        return results;
    }
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Name">What.</param>
/// <param name="Ok">Whether it is as needed.</param>
/// <param name="Required">Whether FedRec cannot do its work without it, as configured.</param>
/// <param name="Found">What was found.</param>
/// <param name="Fix">What to do; null when nothing is to do.</param>
internal sealed record CheckResult(string Name, bool Ok, bool Required, string Found, string? Fix = null);
