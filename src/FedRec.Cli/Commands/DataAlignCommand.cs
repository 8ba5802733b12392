using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Core.Data.Alignment;

namespace FedRec.Cli.Commands;

/// <summary><c>data align</c>: one id for an item that parties name differently.</summary>
internal static class DataAlignCommand
{
    private static readonly Option<string> s_on = TypedOptions.Word(
        "--on", "What is compared. title: titles with years from the list of items in each party's folder, without case, accents and punctuation; id: the item ids, likewise.", "title", "title", "id");

    private static readonly Option<string> s_unmatched = TypedOptions.Word("--unmatched", "What becomes of items that one party alone has: kept as its own, or dropped with their interactions.", "keep", "keep", "drop");

    public static Command Create(Terminal terminal)
    {
        var path = new Argument<string>("path") { Description = "Folder with a folder of interactions for each party, and a list of items (items.csv: item, title) in each." };
        var salt = new Option<string>("--salt-file") { Description = "File with the secret that the parties share, of at least 32 bytes (openssl rand -hex 32).", HelpName = "FILE", Required = true };
        var output = new Option<string>("--out") { Description = "New folder for the parties under the shared ids.", HelpName = "DIR", Required = true };
        var command = new Command("align", "Gives items that parties name differently one id: a hash of title or id under a shared salt. Only hashes are compared; whoever has the salt can guess them.") { path };
        var reading = new ReadingArguments();
        command.WithOptions([new("Items", [output, salt, s_on, s_unmatched]), reading.Group]);
        command.WithExamples("fedrec data align ./shops --salt-file salt.txt --out ./aligned", "fedrec data align ./shops --salt-file salt.txt --on id --unmatched drop --out ./aligned", "fedrec simulate --data ./aligned");
        command.Run(terminal, (context, cancellationToken) =>
        {
            var report = ItemAlignment.Run(new AlignmentOptions(RunRequests.ExistingPath(context, context.Value(path)), RunRequests.ExistingPath(context, context.Value(salt), "Give --salt-file the file of the salt that the parties share; the first party makes it: openssl rand -hex 32 > salt.txt."), context.FullPath(context.Value(output)))
            {
                ById = context.Value(s_on) == "id",
                DropUnmatched = context.Value(s_unmatched) == "drop",
                Reading = reading.Read(context),
            });
            context.Write(report, Parties(report), Pairs(report));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static ResultTable Parties(AlignmentReport report)
    {
        var table = new ResultTable("Aligned", "party", ">items", ">matched", ">unmatched", ">colliding", ">without title", ">interactions", ">dropped");
        foreach (var party in report.Parties)
        {
            table.Add(
                party.Name, Text.Count(party.Items), Text.Count(party.Matched), Text.Count(party.Unmatched), Text.Count(party.Collisions), Text.Count(party.WithoutKey),
                Text.Count(party.Interactions), Text.Count(party.Dropped));
        }

        foreach (var party in report.Parties.Where(party => party.Collisions > 0))
        {
            table.Notes.Add(
                $"Warning: {Text.Count(party.Collisions)} items of {party.Name} are written alike but for case, accents and punctuation, and cannot be told apart; each keeps an id of its own and is matched with no other party. "
                + "Tell them apart in its list of items, by a year for example.");
        }

        table.Notes.Add($"{Text.Count(report.Shared)} items are at two parties or more, {Text.Count(report.SharedByAll)} at every party; the catalogue has {Text.Count(report.Items)}");
        if (report.Shared == 0)
        {
            table.Notes.Add("Nothing is shared: the parties can train together, but learn nothing of each other. Check the salt, or compare with another --on.");
        }

        table.Notes.Add($"Written: {report.Folder}");
        return table;
    }

    private static ResultTable Pairs(AlignmentReport report)
    {
        var table = new ResultTable("Items that two parties share", "party", "other party", ">shared");
        foreach (var pair in report.Pairs)
        {
            table.Add(pair.First, pair.Second, Text.Count(pair.Items));
        }

        return table;
    }
}
