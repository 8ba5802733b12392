using System.Collections.Immutable;
using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Core.Data;

namespace FedRec.Cli.Commands;

/// <summary><c>import</c>: gives each user of a file what the user did, to keep; afterwards nobody needs the file.</summary>
internal static class ImportCommand
{
    private const int Batch = ImportReceipt.MostChanges; // few: each writes all users that are in it

    public static Command Create(Terminal terminal)
    {
        var path = new Argument<string>("path") { Description = "File or folder with interactions and their times." };
        var federation = new Option<string>("--federation") { Description = "Federation whose clients keep their data themselves; it begins with the first import.", HelpName = "NAME", Required = true };
        var (reading, storage) = (new ReadingArguments(), CommonOptions.Storage());
        var command = new Command("import", "Gives each user of a file, as a client, what the user did; may be repeated. Then train with 'fedrec train'.") { path };
        command.WithOptions([new("Store", [federation, storage]), reading.Group]);
        command.WithExamples("fedrec import orders.csv --federation shop", "fedrec train --federation shop --learner ease", "fedrec recommend 42 --federation shop");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var name = context.Value(federation);
            var full = RunRequests.ExistingPath(context, context.Value(path));
            var file = await CommandContext.ReadAsync(() => InteractionFile.Read(full, reading.Read(context)), cancellationToken);
            foreach (var note in file.Notes)
            {
                context.Say($"note: {note}");
            }

            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var answer = await ImportAsync(context, session.Grains, name, file, cancellationToken);
            context.Write(
                new { federation = name, rows = file.Rows.Count, badRows = file.BadRows, answer.Recorded, answer.Users, answer.Items },
                new ResultTable($"{name}: imported", ">rows", ">bad rows", ">new", ">users", ">items").Add(
                    Text.Count(file.Rows.Count), Text.Count(file.BadRows), Text.Count(answer.Recorded), Text.Count(answer.Users), Text.Count(answer.Items)));
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<ImportReceipt> ImportAsync(CommandContext context, IGrainFactory grains, string federation, InteractionFile file, CancellationToken cancellationToken)
    {
        var (history, total, named) = (grains.GetGrain<IHistoryGrain>(federation), new ImportReceipt(HistoryOutcome.Recorded, "", 0, 0, 0), false);
        for (var from = 0; from < file.Rows.Count; from += Batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var changes = file.Rows.Skip(from).Take(Batch).Select(row => new HistoryChange(row.User, HistoryChangeKind.Added, row.Item, row.Rating) { Time = row.Time }).ToImmutableArray();
            var receipt = await (named ? history.ImportAsync(changes, cancellationToken) : FirstAsync(changes));
            if (receipt.Outcome != HistoryOutcome.Recorded)
            {
                throw new CliException(ExitCode.Failed, receipt.Message, from == 0 ? "Nothing was imported." : $"The first {from} rows were imported; correct the file and import it again: what is there is not recorded twice.");
            }

            total = receipt with { Recorded = total.Recorded + receipt.Recorded };
            context.Say($"imported {Text.Count(Math.Min(from + Batch, file.Rows.Count))} of {Text.Count(file.Rows.Count)} rows");
        }

        return total;

        // The titles before the interactions: an item that is known stays as it is. Not before it is clear that the federation takes them.
        async Task<ImportReceipt> FirstAsync(ImmutableArray<HistoryChange> changes)
        {
            if (await grains.GetGrain<IFederationGrain>(federation).HostAsync(changes[0].Rating is not null, cancellationToken) is not null)
            {
                var items = Enumerable.Range(0, file.Items.Count).Select(item => new CatalogueItem(file.Items[item], file.Catalogue.Titles[item], [.. file.Catalogue.Tags[item]]));
                await grains.GetGrain<ICatalogueGrain>(federation).AddAsync([.. items], cancellationToken);
            }

            named = true;
            return await history.ImportAsync(changes, cancellationToken);
        }
    }
}
