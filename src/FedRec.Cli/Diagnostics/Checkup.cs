using FedRec.Cli.Hosting;
using FedRec.Hosting;

namespace FedRec.Cli.Diagnostics;

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
        }

        if (plan.Storage == "azurite")
        {
            results.Add(await StoreChecks.NodeAsync(context.Terminal, cancellationToken));
        }

        results.Add(await StoreChecks.WriteAsync(context, plan, cancellationToken));
        return results;
    }
}
