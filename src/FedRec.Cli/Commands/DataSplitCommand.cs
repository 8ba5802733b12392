using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Core.Data;
using FedRec.Core.Data.Partitions;

namespace FedRec.Cli.Commands;

/// <summary><c>data split</c>: deals the users of a file to parties, each with a folder of its own.</summary>
internal static class DataSplitCommand
{
    public static Command Create(Terminal terminal)
    {
        var path = new Argument<string>("path") { Description = "File or folder with interactions." };
        var parties = TypedOptions.Number("--parties", "Number of parties.", 10, 1);
        var alpha = TypedOptions.NotNegative("--alpha", "How unevenly tastes and volumes are dealt, as a Dirichlet concentration: 0.1 very, 100 hardly; 0: equal sizes at random.");
        var seed = TypedOptions.Seed("Seed of every draw.");
        var output = new Option<string>("--out") { Description = "New folder for the parties.", HelpName = "DIR", Required = true };
        var command = new Command("split", "Writes a folder of interactions for each party; users stay whole, and the same interactions are held out.") { path, parties, alpha, seed, output };
        command.WithExamples("fedrec data split ml-100k --parties 20 --alpha 0.1 --out ./parties", "fedrec simulate --data ./parties");
        command.Run(terminal, (context, cancellationToken) =>
        {
            var dataset = DatasetSource.Open(new DatasetOptions { Path = RunRequests.ExistingPath(context, context.Value(path)) });
            var count = context.Value(parties);
            if (count > dataset.Users.Count)
            {
                throw new CliException(ExitCode.Usage, $"--parties is {count}, but the data has {dataset.Users.Count} users.", "Give at most as many parties as there are users.");
            }

            var partition = context.Value(alpha) > 0 ? ClientPartition.Skewed(dataset, count, context.Value(alpha), context.Value(seed)) : ClientPartition.Dealt(dataset, count, context.Value(seed));
            var written = PartyWriter.Write(dataset, partition, context.FullPath(context.Value(output)));
            var table = new ResultTable("Written", "party", ">interactions");
            foreach (var (folder, interactions) in written)
            {
                table.Add(folder, Text.Count(interactions));
            }

            context.Write(written.Select(party => new { party.Folder, party.Interactions }), table);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
