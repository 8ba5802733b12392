using System.Text;
using FedRec.Cli.Hosting;
using FedRec.Core.Snapshots;
using FedRec.Hosting;
using FedRec.Hosting.Azurite;

namespace FedRec.Cli.Diagnostics;

/// <summary>Checks of the storage emulator and of the store itself.</summary>
internal static class StoreChecks
{
    private const string Federation = "doctor";

    public static async Task<CheckResult> NodeAsync(Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            var tools = await NodeTools.FindAsync(terminal.Variable("PATH") ?? "", cancellationToken);
            return new CheckResult("Node.js", Ok: true, Required: true, tools.Node);
        }
        catch (StorageSetupException e)
        {
            return new CheckResult("Node.js", Ok: false, Required: true, "not usable", e.Message);
        }
    }

    /// <summary>Writes, reads and deletes something small in the configured store.</summary>
    public static async Task<CheckResult> WriteAsync(CommandContext context, SessionPlan plan, CancellationToken cancellationToken)
    {
        var name = $"store ({plan.Storage})";
        if (plan.Storage == "memory")
        {
            return new CheckResult(name, Ok: true, Required: false, "kept in memory; nothing outlives the process");
        }

        using var lease = InstanceLease.TryAcquire(context.DataFolder, plan.Store);
        if (lease is null)
        {
            var owner = InstanceLease.Read(context.DataFolder, plan.Store);
            return new CheckResult(name, Ok: true, Required: true, owner is null ? "in use by another FedRec process" : $"in use by '{owner.Program}' (process {owner.ProcessId})");
        }

        try
        {
            await using var store = StoreAccess.StoreOf(context, plan);
            await store.OpenAsync(cancellationToken);
            await RoundTripAsync(store.Stores.CreateModels(), cancellationToken);
            return new CheckResult(name, Ok: true, Required: true, "written, read and deleted");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var failure = Failure.From(e);
            return new CheckResult(name, Ok: false, Required: true, failure.What, failure.Next);
        }
    }

    private static async Task RoundTripAsync(IModelStore store, CancellationToken cancellationToken)
    {
        var content = Encoding.UTF8.GetBytes("FedRec");
        var hash = Safetensors.Sha256(content);
        await store.SaveContentAsync(Federation, "probe", 1, hash, content, cancellationToken);
        await store.LoadContentAsync(Federation, "probe", 1, hash, cancellationToken);
        await store.DeleteVersionAsync(Federation, 1, cancellationToken);
    }
}
