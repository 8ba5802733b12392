using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Core.Data;
using FedRec.Core.Data.Cleaning;

namespace FedRec.Cli.Commands;

/// <summary><c>data inspect</c>: what a file holds, and which rows are bad.</summary>
internal static class DataInspectCommand
{
    public static Command Create(Terminal terminal)
    {
        var path = new Argument<string?>("path") { Description = "File or folder; without it, the built-in synthetic catalogue.", Arity = ArgumentArity.ZeroOrOne };
        var badRows = TypedOptions.Share("--max-bad-rows", "Share of bad rows above which the file is refused; training uses 0.01.", 1);
        var schema = RunOptions.SchemaOption();
        var (clean, normalize) = (RunOptions.CleanOption(), RunOptions.NormalizeOption());
        var command = new Command("inspect", "Prints users, items, density, skew and bad rows of a file, and how it is split.") { path, schema, badRows, clean, normalize };
        command.WithExamples("fedrec data inspect ml-100k/u.data", "fedrec data inspect ratings.csv --format json");
        command.Run(terminal, (context, cancellationToken) =>
        {
            var given = context.Value(path);
            var file = given is null ? null : RunRequests.ExistingPath(context, given);
            var dataset = DatasetSource.Open(new DatasetOptions
            {
                Path = file,
                Schema = context.Value(schema) is { } declared ? RunRequests.ExistingPath(context, declared) : null,
                MaxBadRowShare = context.Value(badRows),
                Clean = CleaningWords.Parse(context.Value(clean)),
                NormalizeRatings = context.Value(normalize),
            });
            var profile = DatasetProfile.Of(dataset);
            context.Write(profile, Table(profile));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static ResultTable Table(DatasetProfile data)
    {
        var table = new ResultTable(data.Name, "what", ">value")
            .Add("users", Text.Count(data.Users))
            .Add("items", Text.Count(data.Items))
            .Add("interactions", Text.Count(data.Interactions))
            .Add("density", Text.Percent(data.Density, 3))
            .Add("for training", Text.Count(data.Train))
            .Add("held out for testing", Text.Count(data.Test))
            .Add("per user: least / median / p90 / most", Counts(data.PerUser))
            .Add("per item: least / median / p90 / most", Counts(data.PerItem))
            .Add("share of the most popular tenth of the items", Text.Percent(data.TopTenthShare))
            .Add("Gini coefficient of item popularity", Text.Fixed(data.PopularityGini, 3))
            .Add("ratings", data.HasRatings ? "yes" : "no")
            .Add("times", data.First is null ? "none" : string.Create(CultureInfo.InvariantCulture, $"{data.First:yyyy-MM-dd} to {data.Last:yyyy-MM-dd}"))
            .Add("rows read", Text.Count(data.Report.Rows))
            .Add("rows merged into an earlier one", Text.Count(data.Report.Duplicates))
            .Add("rows refused", Text.Count(data.Report.BadRows));
        table.Notes.Add($"Protocol: {data.Protocol}");
        foreach (var note in data.Report.Notes)
        {
            table.Notes.Add($"  {note}");
        }

        foreach (var bad in data.Report.Examples)
        {
            table.Notes.Add(string.Create(CultureInfo.InvariantCulture, $"  refused: {bad.File}, line {bad.Line}: {bad.Reason}"));
        }

        return table;
    }

    private static string Counts(CountSummary counts) =>
        string.Create(CultureInfo.InvariantCulture, $"{counts.Min:N0} / {counts.Median:N0} / {counts.P90:N0} / {counts.Max:N0}");
}
