using System.CommandLine;
using FedRec.Cli.Hosting;

namespace FedRec.Cli.Commands;

/// <summary><c>silo</c>: one more silo of a cluster, in a process of its own, without a page.</summary>
internal static class SiloCommand
{
    /// <summary>Says that the process that has started this one decides about its end.</summary>
    public const string Attended = "--attended";

    public static Command Create(Terminal terminal)
    {
        var (storage, labels) = (CommonOptions.Storage(), CommonOptions.Labels());
        var advertise = new Option<string?>("--advertise")
        {
            Description = "Address at which other machines reach this silo. Default: FedRec:Silo:Advertise, else this machine only.",
            HelpName = "ADDRESS",
        };
        var attended = AttendedOption();
        var first = new Option<bool>("--first") { Hidden = true, Description = "Whoever is among the members is left of earlier processes." };
        var command = new Command("silo", "Joins one more silo to a cluster: that of the FedRec process of this machine that has the store, or a named one.") { storage, advertise, labels, attended, first };
        command.WithExamples(
            "fedrec silo                                                      joins 'fedrec serve' or 'fedrec up' of this machine",
            "fedrec silo --label region=eu                                    organisations that are bound to region=eu may be on it",
            "fedrec silo --advertise 10.0.0.5 --set Silo.Cluster=shop         joins other machines; needs Azure storage");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            if (context.Value(advertise) is { } address)
            {
                context.Settings.Silo.Advertise = address;
            }

            var plan = VerbSession.Plan(context, context.Value(storage), context.Value(labels)) with { TrainsLong = true, Stays = true, Joins = true, IsFirst = context.Value(first) };
            if (plan.Storage == "memory")
            {
                throw new CliException(ExitCode.BadConfiguration, "What another process keeps in its memory cannot be shared.", "Use --storage azurite, or blob with a connection string.");
            }

            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var session = await FedRecSession.OpenAsync(context, plan, end.Token);
            context.Terminal.Out.WriteLine(SiloProcess.Ready);
            context.Terminal.Out.Flush();
            context.Say("Ctrl-C ends it; the others go on.");
            await Task.WhenAny(context.Value(attended) ? InputClosedAsync(end.Token) : Task.Delay(Timeout.Infinite, end.Token), session.Store.OwnerGoneAsync(end.Token));
            if (session.Store.IsOwnerGone)
            {
                context.Say("The process that had the store has ended, and so does this silo.");
                return ExitCode.StoreUnreachable; // without an orderly end, which would wait for a store that is not there
            }

            await end.CancelAsync();
            await session.DisposeAsync();
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Ends the process when standard input is closed.</summary>
    public static Option<bool> AttendedOption() => new(Attended) { Hidden = true, Description = "Ends when standard input is closed." };

    /// <summary>Done when standard input is closed.</summary>
    public static async Task InputClosedAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[256];
        await using var input = Console.OpenStandardInput();
        while (await input.ReadAsync(buffer, cancellationToken) > 0)
        {
            // nobody tells it anything else
        }
    }
}
