using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Core.Data;

namespace FedRec.Cli.Commands;

/// <summary><c>data inspect</c>: what a file holds, and which rows are bad.</summary>
internal static class DataInspectCommand
{
    public static Command Create(Terminal terminal)
    {
        var path = new Argument<string?>("path") { Description = "File or folder; without it, the built-in synthetic catalogue.", Arity = ArgumentArity.ZeroOrOne };
        var badRows = TypedOptions.Share("--max-bad-rows", "Share of bad rows above which the file is refused; training uses 0.01.", 1);
        var command = new Command("inspect", "Prints users, items, density, skew and bad rows of a file, and how it is split.") { path, badRows };
        command.WithExamples("fedrec data inspect ml-100k/u.data", "fedrec data inspect ratings.csv --format json");
        command.Run(terminal, (context, cancellationToken) =>
        {
            var given = context.Value(path);
            var file = given is null ? null : RunRequests.ExistingPath(context, given);
            var dataset = DatasetSource.Open(new DatasetOptions { Path = file, MaxBadRowShare = context.Value(badRows) });
            var inspection = DataInspection.Of(dataset);
            context.Write(inspection, Table(inspection));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static ResultTable Table(DataInspection data)
    {
        var table = new ResultTable(data.Name, "what", ">value")
            .Add("users", Text.Count(data.Users))
            .Add("items", Text.Count(data.Items))
            .Add("interactions", Text.Count(data.Interactions))
            .Add("density", Text.Percent(data.Density, 3))
            .Add("for training", Text.Count(data.Train))
            .Add("held out", Text.Count(data.Test))
            .Add("interactions per user, p10 / median / p90 / most", Quantiles(data.PerUser))
            .Add("interactions per item, p10 / median / p90 / most", Quantiles(data.PerItem))
            .Add("share of the most popular tenth of the items", Text.Percent(data.TopTenthShare))
            .Add("Gini coefficient over items", Text.Fixed(data.Gini, 3))
            .Add("rows read", Text.Count(data.Rows))
            .Add("rows merged into an earlier one", Text.Count(data.Duplicates))
            .Add("rows refused", Text.Count(data.BadRows));
        table.Notes.Add($"Protocol: {data.Protocol}");
        foreach (var bad in data.BadRowExamples)
        {
            table.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"  {bad.File}, line {bad.Line}: {bad.Reason}"));
        }

        return table;
    }

    private static string Quantiles(int[] values) => string.Join(" / ", values.Select(v => Text.Count(v)));
}
