using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Core.Data;
using FedRec.Core.Data.Pseudonyms;

namespace FedRec.Cli.Commands;

/// <summary><c>data pseudonymize</c>: replaces user ids by keyed hashes, which are the same at every party that has the key.</summary>
internal static class DataPseudonymizeCommand
{
    public static Command Create(Terminal terminal)
    {
        var path = new Argument<string>("path") { Description = "File or folder with interactions." };
        var key = new Option<string>("--key-file") { Description = "File with the secret that the parties share, of at least 32 bytes (openssl rand -hex 32).", HelpName = "FILE", Required = true };
        var bits = TypedOptions.Word("--bits", "Length of a pseudonym; the same at every party.", "128", "64", "128");
        var output = new Option<string>("--out") { Description = "New CSV file, such as ./parties/shop/interactions.csv.", HelpName = "FILE", Required = true };
        var badRows = TypedOptions.Share("--max-bad-rows", "Share of bad rows, which are left out, above which nothing is written.", 0.01);
        var command = new Command("pseudonymize", "Writes interactions with keyed hashes in place of user ids: one person gets one pseudonym at every party that has the key.") { path };
        var reading = new ReadingArguments();
        command.WithOptions([new("Pseudonyms", [output, key, bits, badRows]), reading.Group]);
        command.WithExamples("fedrec data pseudonymize orders.csv --key-file key.txt --out ./parties/shop/interactions.csv", "fedrec data inspect ./parties");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            using var secret = SharedSecret.Read(RunRequests.ExistingPath(context, context.Value(key), "Give --key-file the file of the key that the parties share; the first party makes it: openssl rand -hex 32 > key.txt."));
            var target = context.FullPath(context.Value(output));
            var pseudonyms = new Pseudonymizer(secret, context.Value(bits) == "64" ? 64 : 128);
            var (source, options) = (RunRequests.ExistingPath(context, context.Value(path)), reading.Read(context));
            var (report, people) = await CommandContext.ReadAsync(() => PseudonymFile.Write(source, pseudonyms, target, context.Value(badRows), options), cancellationToken);
            var table = new ResultTable("Written", "file", ">events", ">people", ">bad rows left out").Add(target, Text.Count(report.Rows - report.BadRows), Text.Count(people), Text.Count(report.BadRows));
            table.Notes.Add("People whose ids share a pseudonym: 0. Keep the key secret: who has it can find out who is behind a pseudonym.");
            context.Write(new { file = target, events = report.Rows - report.BadRows, people, report.BadRows, colliding = 0 }, table);
            return ExitCode.Ok;
        });
        return command;
    }
}
