using System.CommandLine;
using FedRec.Cli.Hosting;
using FedRec.Cli.Output;
using FedRec.Cli.Simulation;

namespace FedRec.Cli.Commands;

/// <summary><c>serve</c>: a silo, the API and the page in one process, over a store that outlives it.</summary>
/// <remarks>A service trains nothing by itself. Whoever ends it may start it again, so its runs are left unfinished and go on at the next start, unlike those of
/// a command that was told to train.</remarks>
internal static class ServeCommand
{
    public static Command Create(Terminal terminal)
    {
        var port = CommonOptions.WebPort();
        var (insecure, storage, labels, attended) = (CommonOptions.InsecureNoAuth(), CommonOptions.Storage(), CommonOptions.Labels(), SiloCommand.AttendedOption());
        var command = new Command("serve", "Serves models and trains on request: silo, API and page in one process, with everything there again after a restart.") { port, storage, labels, insecure, attended };
        command.WithExamples("fedrec serve", "fedrec serve --port 8080 --set Storage.Folder=shop-data", "curl --json '{}' http://localhost:5080/api/v1/runs     trains on the built-in data");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            WebFrontEnd.RequireLoopback(context, context.Value(insecure));
            var plan = VerbSession.Plan(context, context.Value(storage), context.Value(labels)) with { WebPort = WebFrontEnd.Port(context, port), TrainsLong = true, Stays = true, Joins = context.Settings.Silo.Cluster.Length > 0 };
            await using var session = await FedRecSession.OpenAsync(context, plan, cancellationToken);
            if (!session.OwnsSilo)
            {
                throw new CliException(ExitCode.Failed, $"Another FedRec process has this store{(session.Web is { } web ? $" and serves it at {web}" : "")}.",
                    "Stop that process, or give this one a store of its own: --set Storage.Folder=DIR, or --storage memory.");
            }

            Tell(context, session.Web!, plan);
            await Task.WhenAny(UntilEndedAsync(cancellationToken), context.Value(attended) ? SiloCommand.InputClosedAsync(cancellationToken) : Task.Delay(Timeout.Infinite, cancellationToken));
            await session.DrainAsync(context);
            await ActiveRuns.TellUnfinishedAsync(context, session.Grains, keeps: plan.Storage != "memory");
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Tell(CommandContext context, Uri web, SessionPlan plan)
    {
        var urls = WebFrontEnd.Addresses(web);
        var table = new ResultTable("FedRec serves", "what", "where");
        foreach (var (name, url) in urls)
        {
            table.Add(name, url);
        }

        context.Write(new { urls, plan.Storage, folder = plan.Storage == "memory" ? null : context.DataFolder }, table);
        context.Terminal.Out.Flush();
        context.Say($"FedRec serves at {urls["page"]}");
        context.Say("Ctrl-C ends it.");
    }

    private static async Task UntilEndedAsync(CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(ended.SetResult);
        await ended.Task;
    }
}
