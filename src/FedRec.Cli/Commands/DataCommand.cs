using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Core.Data;
using FedRec.Core.Data.Pseudonyms;
using FedRec.Scenarios;

namespace FedRec.Cli.Commands;

/// <summary><c>data</c>: looks at interactions, or makes some.</summary>
internal static class DataCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("data", "Inspects interactions, deals them to parties, aligns the items of parties, replaces user ids by pseudonyms, or writes the synthetic catalogue to files.")
        {
            DataInspectCommand.Create(terminal),
            DataSynthCommand.Create(terminal),
            DataSplitCommand.Create(terminal),
            DataPseudonymizeCommand.Create(terminal),
            DataAlignCommand.Create(terminal),
        };
        return command.WithExamples("fedrec data inspect ml-100k/u.data", "fedrec data synth --out ./synthetic --clients 500");
    }
}

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
        var reading = new ReadingArguments(here: true);
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

/// <summary><c>data synth</c>: writes the synthetic catalogue to files that every other verb reads.</summary>
internal static class DataSynthCommand
{
    public static Command Create(Terminal terminal)
    {
        var output = new Option<string>("--out") { Description = "Folder for interactions.csv and items.csv.", HelpName = "DIR", Required = true };
        var clients = TypedOptions.Number("--clients", "Users.", 1_000, 1);
        var items = TypedOptions.Number("--items", "Items.", 800, 8);
        var activity = TypedOptions.Number("--activity", "Interactions of the median user; at most half the items are used.", 40, 2);
        var even = new Option<bool>("--even") { Description = "Gives every user the same number of interactions, instead of a few very active ones." };
        var noise = new Option<bool>("--noise") { Description = "Draws every interaction at random: data in which nothing can be learned." };
        var seed = TypedOptions.Seed("Seed of every draw.");
        var overwrite = new Option<bool>("--overwrite") { Description = "Replaces files that are there." };
        var command = new Command("synth", "Writes the built-in synthetic catalogue (named items, tags, taste clusters, long tail) to CSV files.") { output, clients, items, activity, even, noise, seed, overwrite };
        command.WithExamples("fedrec data synth --out ./shop", "fedrec data synth --out ./w --clients 1000 --items 2000 --activity 100 --even", "fedrec simulate --data ./shop");
        command.Run(terminal, (context, cancellationToken) =>
        {
            var options = new SyntheticOptions
            {
                Users = context.Value(clients),
                Items = context.Value(items),
                Activity = context.Value(activity),
                SkewedActivity = !context.Value(even),
                Seed = context.Value(seed),
            };
            var rows = context.Value(noise) ? NoiseData.Create(options.Users, options.Items, options.Activity, options.Seed) : SyntheticCatalogue.Create(options);
            var files = rows.Write(Path.Combine(context.FullPath(context.Value(output)), "interactions.csv"), context.Value(overwrite));
            var table = new ResultTable("Written", "file", ">rows").Add(files[0], Text.Count(rows.Count)).Add(files[1], Text.Count(options.Items));
            context.Write(new { files, rows = rows.Count, users = options.Users, items = options.Items, options.Seed }, table);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}

/// <summary>Tells files from what can be read only once: pipes, terminals and devices.</summary>
internal static class PlainFile
{
    // Opening a pipe waits until somebody writes to it; a file is open at once.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Whether a path can be read again from its start; true for a folder, and for what cannot be opened at all.</summary>
    public static bool Is(string path)
    {
        if (!File.Exists(path) || new FileInfo(path) is { LinkTarget: null, Length: > 0 }) // the length of a link is that of the name it holds
        {
            return true;
        }

        var opening = Task.Run(() => CanBeReadAgain(path));
        return opening.Wait(s_patience) && opening.Result;
    }

    private static bool CanBeReadAgain(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return stream.CanSeek && (stream.Length > 0 || stream.ReadByte() < 0); // a device has no length, and gives bytes all the same
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true; // told when it is read
        }
    }
}
