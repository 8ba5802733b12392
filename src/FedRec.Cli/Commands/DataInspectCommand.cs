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
        var options = new InspectOptions();
        var command = new Command("inspect", "Prints users, items, density, skew and bad rows of a file, how it is split, and what its parties may tell each other of it.");
        options.AddTo(command);
        command.WithExamples(
            "fedrec data inspect ml-100k/u.data",
            "fedrec data inspect ratings.csv --format json",
            "fedrec data inspect ratings.csv --clean duplicates,bots,outliers",
            "fedrec data inspect ratings.csv --min-user-items 5 --min-item-users 5      as the field's 5-core data are made",
            "fedrec data inspect films.csv --context-data books.csv      what is known of the same users in another domain",
            "fedrec data inspect ml-100k --parties 20 --alpha 0.1      what the parties report of their data");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var dataset = await CommandContext.ReadAsync(() => options.Open(context), cancellationToken);
            var profile = DatasetProfile.Of(dataset) with { Parties = options.ReportOf(context, dataset) };
            context.Write(profile, profile.Parties is { } parties ? [Table(profile), DataReportTable.Of(parties)] : [Table(profile)]);
            return ExitCode.Ok;
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
            .Add("features of users", data.UserFeatures.Count == 0 ? "none" : string.Join(", ", data.UserFeatures))
            .Add("times", Times(data))
            .Add("rows read", Text.Count(data.Report.Rows))
            .Add("rows merged into an earlier one", Text.Count(data.Report.Duplicates))
            .Add("rows refused", Text.Count(data.Report.BadRows));
        if (data.Report.Filtered is { } rare)
        {
            table.Add("users / items / rows left out as too rare", $"{Text.Count(rare.Users)} / {Text.Count(rare.Items)} / {Text.Count(rare.Rows)}");
        }

        AddFiles(table, data.Report);
        foreach (var kind in data.Report.Kinds)
        {
            table.Add(string.Create(CultureInfo.InvariantCulture, $"events of kind {kind.Kind} (interactions; weight {kind.Weight:0.###})"), $"{Text.Count(kind.Events)} ({Text.Count(kind.Interactions)})");
        }

        if (data.SharedPeople is { } shared)
        {
            table.Add("people whom several parties know", Text.Count(shared));
        }

        table.Notes.Add($"Protocol: {data.Protocol}");
        AddNotes(table, data.Report);
        if (data.Report.Context is { } context)
        {
            AddContext(table, context);
        }

        return table;
    }

    // Parties mostly have files of one form, which is then shown once.
    private static void AddFiles(ResultTable table, LoadReport report)
    {
        foreach (var format in report.Files.Select(file => file.FormatInWords).Distinct())
        {
            table.Add("format", format);
        }

        foreach (var columns in report.Files.Select(file => file.ColumnsInWords).Distinct())
        {
            table.Add("columns", columns);
        }

        foreach (var unused in report.Files.Select(file => string.Join(", ", file.Unused)).Distinct().Where(unused => unused.Length > 0))
        {
            table.Add("columns that are not used", unused);
        }
    }

    private static string Times(DatasetProfile data)
    {
        var units = data.Report.Files.Select(file => file.Times).OfType<string>().Distinct().ToList();
        var range = data.First is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{data.First:yyyy-MM-dd} to {data.Last:yyyy-MM-dd}");
        return string.Join(": ", new[] { string.Join(" and ", units), range }.Where(part => part.Length > 0)) is { Length: > 0 } words ? words : "none";
    }

    private static void AddContext(ResultTable table, ContextReport context)
    {
        table.Add("of these, items of another domain", Text.Count(context.Items))
            .Add("of these, interactions with them", Text.Count(context.Interactions))
            .Add("users of the other domain whom the data knows / does not", $"{Text.Count(context.SharedUsers)} / {Text.Count(context.NewUsers)}")
            .Add("rows of the other domain read / merged / refused", $"{Text.Count(context.Rows.Rows)} / {Text.Count(context.Rows.Duplicates)} / {Text.Count(context.Rows.BadRows)}");
        AddNotes(table, context.Rows);
    }

    private static void AddNotes(ResultTable table, LoadReport report)
    {
        foreach (var note in report.Notes)
        {
            table.Notes.Add($"  {note}");
        }

        foreach (var bad in report.Examples)
        {
            table.Notes.Add($"  refused: {bad}");
        }
    }

    private static string Counts(CountSummary counts) =>
        string.Create(CultureInfo.InvariantCulture, $"{counts.Min:N0} / {counts.Median:N0} / {counts.P90:N0} / {counts.Max:N0}");
}
