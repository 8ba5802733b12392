using System.Collections.Immutable;
using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Core.Data;

namespace FedRec.Cli.Commands;

/// <summary><c>import</c>: gives clients what was done, to keep; afterwards nobody needs the file.</summary>
internal static class ImportCommand
{
    private const int Batch = ImportReceipt.MostChanges; // few: each writes all users that are in it

    public static Command Create(Terminal terminal)
    {
        var path = new Argument<string>("path") { Description = "File or folder with interactions and their times." };
        var federation = new Option<string>("--federation") { Description = "Federation whose clients keep their data themselves; it begins with the first import.", HelpName = "NAME", Required = true };
        var client = TypedOptions.Text("--client", "Organisation that keeps all rows of the file and is one client with all their users; its user 42 is then NAME/42. Default: each user is a client, "
            + "unless the file has a column of parties, or the folder a folder for each: then each party is a client.", "NAME");
        var label = TypedOptions.Text("--label", "Label of the silos that the organisation is bound to, before its first row is sent: on no other silo its data is kept in memory, trained on or asked. Default: as it was.", "NAME=VALUE");
        var (reading, storage) = (new ReadingArguments(here: true), CommonOptions.Storage());
        var command = new Command("import", "Gives clients, users or organisations with many, what was done, to keep; may be repeated. Then train with 'fedrec train'.") { path };
        command.WithOptions([new("Store", [federation, client, label, storage]), reading.Group]);
        command.WithExamples("fedrec import orders.csv --federation shop", "fedrec import orders.csv --federation shops --client north     one client with all users of the file",
            "fedrec import orders.csv --federation shops --client north --label region=eu     and on silos with that label only", "fedrec train --federation shop --learner ease", "fedrec recommend 42 --federation shop");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var name = context.Value(federation);
            var full = RunRequests.ExistingPath(context, context.Value(path));
            var parts = await CommandContext.ReadAsync(() => InteractionFile.ReadByOrganisation(full, reading.Read(context)), cancellationToken);
            if (context.Value(client) is { } given)
            {
                parts = parts is [(null, var whole)] ? [(given, whole)]
                    : throw new CliException(ExitCode.Usage, $"--client names one organisation, but the data names {parts.Count}: {parts[0].Organisation}, …", "Leave --client out; nothing was imported.");
            }

            if (context.IsGiven(label) && parts.Any(part => part.Organisation is null))
            {
                throw new CliException(ExitCode.Usage, "--label binds organisations, and in this data each user is a client.", "Say whose data it is with --client NAME; nothing was imported.");
            }

            foreach (var note in parts.SelectMany(part => part.File.Notes).Distinct())
            {
                context.Say($"note: {note}");
            }

            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var total = new ImportReceipt(HistoryOutcome.Recorded, "", 0, 0, 0);
            foreach (var (organisation, file) in parts)
            {
                var receipt = await ImportAsync(context, session.Grains, name, (organisation, context.Value(label)), file, cancellationToken);
                total = receipt with { Recorded = total.Recorded + receipt.Recorded };
            }

            var (rows, badRows) = (parts.Sum(part => part.File.Rows.Count), parts.DistinctBy(part => part.File.Items).Sum(part => part.File.BadRows));
            context.Write(
                new { federation = name, rows, badRows, total.Recorded, total.Users, total.Items },
                new ResultTable($"{name}: imported", ">rows", ">bad rows", ">new", ">clients", ">items").Add(
                    Text.Count(rows), Text.Count(badRows), Text.Count(total.Recorded), Text.Count(total.Users), Text.Count(total.Items)));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Imports the rows of a file, in their order.</summary>
    /// <exception cref="CliException">The federation refuses them.</exception>
    internal static async Task<ImportReceipt> ImportAsync(CommandContext context, IGrainFactory grains, string federation, (string? Name, string? Label) client, InteractionFile file, CancellationToken cancellationToken)
    {
        var (organisation, history, total, named) = (client.Name, grains.GetGrain<IHistoryGrain>(federation), new ImportReceipt(HistoryOutcome.Recorded, "", 0, 0, 0), false);
        for (var from = 0; from < file.Rows.Count; from += Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var changes = file.Rows.Skip(from).Take(Batch).Select(row => new HistoryChange(row.User, HistoryChangeKind.Added, row.Item, row.Rating) { Time = row.Time }).ToImmutableArray();
            var receipt = await (named ? SendAsync(changes) : FirstAsync(changes));
            if (receipt.Outcome != HistoryOutcome.Recorded)
            {
                throw new CliException(ExitCode.Failed, receipt.Message, from == 0 ? "Nothing was imported." : $"The first {from} rows were imported; correct the file and import it again: what is there is not recorded twice.");
            }

            total = receipt with { Recorded = total.Recorded + receipt.Recorded };
            context.Say($"imported {Text.Count(Math.Min(from + Batch, file.Rows.Count))} of {Text.Count(file.Rows.Count)} rows{(organisation is null ? "" : $" of {organisation}")}");
        }

        return total;

        // The titles before the interactions; of items that are known, corrections. Not before it is clear that the federation takes them.
        async Task<ImportReceipt> FirstAsync(ImmutableArray<HistoryChange> changes)
        {
            if (await grains.GetGrain<IFederationGrain>(federation).HostAsync(changes[0].Rating is not null, cancellationToken) is not null)
            {
                if (client is { Name: { } own, Label: { } label })
                {
                    await grains.GetGrain<IOrganisationsGrain>(federation).SetLabelAsync(own, label, hasRatings: null, cancellationToken);
                }

                var items = Enumerable.Range(0, file.Items.Count).Select(item => new CatalogueItem(file.Items[item], file.Catalogue.Titles[item], [.. file.Catalogue.Tags[item]]));
                await grains.GetGrain<ICatalogueGrain>(federation).AddAsync([.. items], cancellationToken);
            }

            named = true;
            return await SendAsync(changes);
        }

        Task<ImportReceipt> SendAsync(ImmutableArray<HistoryChange> changes) =>
            organisation is null ? history.ImportAsync(changes, cancellationToken) : history.ImportOfAsync(organisation, changes, cancellationToken);
    }
}
