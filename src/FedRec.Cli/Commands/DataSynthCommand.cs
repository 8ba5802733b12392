using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Core.Data;

namespace FedRec.Cli.Commands;

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
