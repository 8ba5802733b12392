using System.CommandLine;
using FedRec.Cli.Hosting;
using FedRec.Cli.Output;
using FedRec.Hosting;

namespace FedRec.Cli.Commands;

/// <summary><c>up</c>: a cluster on one machine, of silos in processes of their own, with the store and the web front end in this one.</summary>
/// <remarks>A silo that dies is started again, and its grains go on elsewhere meanwhile. This process trains and serves nothing itself: it has little that could end it.</remarks>
internal static class UpCommand
{
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromMinutes(1);

    public static Command Create(Terminal terminal)
    {
        var port = CommonOptions.WebPort();
        var (insecure, storage, labels) = (CommonOptions.InsecureNoAuth(), CommonOptions.Storage(), CommonOptions.Labels());
        var silos = TypedOptions.Number("--silos", "Silos, each in a process of its own.", 3, 1, 32);
        var stop = new Option<bool>("--stop") { Description = "Ends the cluster that 'fedrec up' has started on this store, and waits until it has ended." };
        var command = new Command("up", "Starts a cluster on this machine: silos in processes of their own, and the API and the page in front of them.") { silos, port, storage, labels, insecure, stop };
        command.WithExamples("fedrec up --silos 3", "fedrec silo                one more, in another terminal", "fedrec up --stop");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var plan = VerbSession.Plan(context, context.Value(storage), context.Value(labels)) with { WebPort = WebFrontEnd.Port(context, port), TrainsLong = true, Stays = true };
            if (plan.Storage == "memory")
            {
                throw new CliException(ExitCode.BadConfiguration, "Silos in processes of their own cannot share what one of them keeps in its memory.", "Use --storage azurite, or blob with a connection string.");
            }

            if (context.Value(stop))
            {
                return await StopAsync(context, plan, cancellationToken);
            }

            WebFrontEnd.RequireLoopback(context, context.Value(insecure));
            var access = await StoreAccess.TakeAsync(context, plan, cancellationToken);
            if (access.Owner is { } owner)
            {
                throw new CliException(ExitCode.Failed, $"Another FedRec process has this store ('{owner.Program}', process {owner.ProcessId}).",
                    "Stop that process, or give this one a store of its own: --set Storage.Folder=DIR.");
            }

            await using var cluster = await LocalCluster.StartAsync(context, plan, StoreAccess.StoreOf(context, plan).Holding(access.Lease), context.Value(silos), cancellationToken);
            Tell(context, cluster, plan);
            await cluster.UntilStopRequestedAsync(cancellationToken);
            await cluster.DrainAsync(context);
            context.Say("The cluster ends; runs go on at the next start.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Tell(CommandContext context, LocalCluster cluster, SessionPlan plan)
    {
        var urls = WebFrontEnd.Addresses(cluster.Web);
        var table = new ResultTable("FedRec is up", "what", "where");
        foreach (var (name, url) in urls)
        {
            table.Add(name, url);
        }

        foreach (var silo in cluster.Silos)
        {
            table.Add($"silo {silo.Number}", $"process {silo.ProcessId}");
        }

        context.Write(new { urls, silos = cluster.Silos.Select(silo => new { silo.Number, silo.ProcessId }), plan.Storage, folder = context.DataFolder }, table);
        context.Terminal.Out.Flush();
        context.Say($"FedRec serves at {urls["page"]}");
        context.Say("Ctrl-C ends it, or 'fedrec up --stop'.");
    }

    private static async Task<int> StopAsync(CommandContext context, SessionPlan plan, CancellationToken cancellationToken)
    {
        var (folder, store) = (context.DataFolder, plan.Store);
        var owner = InstanceLease.Read(folder, store);
        var isTaken = InstanceLease.IsTaken(folder, store);
        if (owner is not { Program: "fedrec up" } || !isTaken)
        {
            throw new CliException(ExitCode.Failed, $"No cluster that 'fedrec up' has started has the store in {folder}{(owner is null || !isTaken ? "" : $"; '{owner.Program}' (process {owner.ProcessId}) has it")}.",
                "Nothing was ended. Another store is given by --storage and --set Storage.Folder=DIR.");
        }

        InstanceLease.RequestStop(folder, store);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_stopLimit);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (InstanceLease.IsTaken(folder, store))
        {
            try
            {
                await look.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new CliException(ExitCode.Failed, $"The cluster (process {owner.ProcessId}) was asked to end and has not within {s_stopLimit.TotalSeconds:0} s.", $"It may still end; otherwise end process {owner.ProcessId}.");
            }
        }

        context.Say($"The cluster (process {owner.ProcessId}) has ended.");
        return ExitCode.Ok;
    }
}
