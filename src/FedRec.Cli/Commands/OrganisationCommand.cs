using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Contracts.Federations;

namespace FedRec.Cli.Commands;

/// <summary><c>organisation</c>: who keeps data in a federation, and on which silos.</summary>
internal static class OrganisationCommand
{
    private const string Any = "any";

    public static Command Create(Terminal terminal)
    {
        var command = new Command("organisation", "Shows the organisations that keep their data in a federation, and binds them to silos with a label.") { List(terminal), Bind(terminal) };
        return command.WithExamples("fedrec organisation list --federation shops", "fedrec organisation bind north region=eu --federation shops", "fedrec organisation bind north any --federation shops     any silo again");
    }

    private static Command List(Terminal terminal)
    {
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("list", "Lists the organisations of a federation by number: their names are known to nobody who is not told.") { federation, storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            Write(context, name, await session.Grains.GetGrain<IOrganisationsGrain>(name).ListAsync(cancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Bind(Terminal terminal)
    {
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var organisation = new Argument<string>("name") { Description = "Name of the organisation; one that is not there yet joins." };
        var label = new Argument<string>("label") { Description = $"Label of the silos that its data may be on, such as region=eu; '{Any}' for any silo." };
        var command = new Command("bind", "Binds an organisation to the silos that have a label: no other silo has its data in memory when the command returns.") { organisation, label, federation, storage };
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            var line = await session.Grains.GetGrain<IOrganisationsGrain>(name).SetLabelAsync(context.Value(organisation), context.Value(label) == Any ? null : context.Value(label), hasRatings: null, cancellationToken);
            Write(context, name, [line]);
            if (line.Silos == 0)
            {
                context.Say($"note: no silo with the label {line.Label} is up; until one is, nothing is recorded, trained or recommended for it. Start one: fedrec silo --label {line.Label}");
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(CommandContext context, string federation, IReadOnlyList<OrganisationLine> lines)
    {
        var table = new ResultTable($"Organisations of {federation}", ">client", ">users", "label", ">silos");
        foreach (var line in lines)
        {
            table.Add(line.Client.ToString(CultureInfo.InvariantCulture), Text.Count(line.Users), line.Label ?? Any, line.Silos.ToString(CultureInfo.InvariantCulture));
        }

        context.Write(new { federation, organisations = lines }, table);
    }
}
