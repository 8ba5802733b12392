using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Core.Data;
using FedRec.Core.Data.Partitions;

namespace FedRec.Cli.Commands;

/// <summary><c>data split</c>: deals what is in a file to parties, each with a folder of its own.</summary>
internal static class DataSplitCommand
{
    private const string ByUser = "user";
    private const string ByParty = "party";

    private static readonly Option<string> s_by = TypedOptions.Word(
        "--by", "What is dealt whole. user: every user for himself, to --parties. party: the parties that the data names in a column or by its folders; each gets its own folder, or with --parties they are put together into so many.",
        ByUser, ByUser, ByParty);

    private static readonly Option<int> s_parties = TypedOptions.Number("--parties", "Number of parties that are written. Default with --by party: those of the data.", 10, 1);

    private static readonly Option<double> s_alpha = TypedOptions.NotNegative(
        "--alpha", "How unevenly tastes and volumes are dealt, as a Dirichlet concentration: 0.1 very, 100 hardly; 0: equally many at random.");

    private static readonly Option<ulong> s_seed = TypedOptions.Seed("Seed of every draw.");

    public static Command Create(Terminal terminal)
    {
        var path = new Argument<string>("path") { Description = "File or folder with interactions." };
        var output = new Option<string>("--out") { Description = "New folder for the parties.", HelpName = "DIR", Required = true };
        var command = new Command("split", "Writes a folder of interactions for each party; users stay whole, and the same interactions are held out.") { path };
        var reading = new ReadingArguments(here: true);
        command.WithOptions([new("Parties", [output, s_parties, s_alpha, s_by, s_seed]), reading.Group]);
        command.WithExamples(
            "fedrec data split ml-100k --parties 20 --alpha 0.1 --out ./parties",
            "fedrec data split visits.csv --by party --out ./hospitals             one folder for each name in the column hospital",
            "fedrec data split ./branches --by party --parties 4 --out ./companies",
            "fedrec simulate --data ./parties");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var options = new DatasetOptions { Path = RunRequests.ExistingPath(context, context.Value(path)), Reading = reading.Read(context) };
            var dataset = await CommandContext.ReadAsync(() => DatasetSource.Open(options), cancellationToken);
            var folder = context.FullPath(context.Value(output));
            var written = context.Value(s_by) == ByParty ? WriteByParty(context, dataset, folder) : PartyWriter.Write(dataset, DealUsers(context, dataset), folder);
            context.Write(written.Select(party => new { party.Folder, party.Interactions }), Table(written));
            return ExitCode.Ok;
        });
        return command;
    }

    private static ClientPartition DealUsers(CommandContext context, Dataset dataset)
    {
        var (count, alpha, seed) = (Parties(context, dataset.Users.Count, "users"), context.Value(s_alpha), context.Value(s_seed));
        return alpha > 0 ? ClientPartition.Skewed(dataset, count, alpha, seed) : ClientPartition.Dealt(dataset, count, seed);
    }

    private static IReadOnlyList<(string Folder, int Interactions)> WriteByParty(CommandContext context, Dataset dataset, string folder)
    {
        if (dataset.Parties is not { } parties)
        {
            throw new CliException(ExitCode.Usage, "--by party needs data that names its parties.", "Give a file with a column party, a folder with a folder for each party, or --by user.");
        }

        if (context.IsGiven(s_parties))
        {
            return PartyWriter.Write(dataset, ClientPartition.Grouped(dataset, Parties(context, parties.Names.Count, "parties"), context.Value(s_alpha), context.Value(s_seed)), folder);
        }

        return context.Value(s_alpha) == 0 ? PartyWriter.WriteParties(dataset, folder)
            : throw new CliException(ExitCode.Usage, "--alpha with --by party needs --parties.", "It says how unevenly the parties are put together: give their number too.");
    }

    private static int Parties(CommandContext context, int most, string what) => context.Value(s_parties) is var count && count <= most ? count
        : throw new CliException(ExitCode.Usage, $"--parties is {count}, but the data has {most} {what}.", $"Give at most as many parties as there are {what}.");

    private static ResultTable Table(IReadOnlyList<(string Folder, int Interactions)> written)
    {
        var table = new ResultTable("Written", "party", ">interactions");
        foreach (var (folder, interactions) in written)
        {
            table.Add(folder, Text.Count(interactions));
        }

        return table;
    }
}
