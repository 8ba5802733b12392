using System.CommandLine;
using System.Text;
using FedRec.Cli.Output;
using FedRec.Cli.Runs;
using FedRec.Web.Api;

namespace FedRec.Cli.Commands;

/// <summary><c>run export</c>: a run and its curves as files for other programs.</summary>
internal static class RunExportCommand
{
    public static Command Create(Terminal terminal)
    {
        var (id, federation, connection) = (RunCommand.Id(), CommonOptions.Federation(), new RunConnection());
        var place = new Option<string>("--out") { Description = "Folder for run.json, metrics.json and metrics.csv; new or empty.", HelpName = "DIR", Required = true };
        var command = new Command("export", "Writes what a run was told, where it stands, its rounds and its evaluations into a folder; no file is overwritten.") { id };
        command.WithOptions([new("Run", [place, federation]), connection.Group]);
        command.WithExamples("fedrec run export run-3 --out run-3");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var (name, folder) = (RunName.Parse(context.Value(id), context.Value(federation)), context.FullPath(context.Value(place)));
            if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            {
                throw new CliException(ExitCode.Failed, $"{folder} is not an empty folder.", "Give a new folder with --out; FedRec overwrites no results.");
            }

            await using var runs = await connection.OpenAsync(context, cancellationToken);
            var run = await runs.GetAsync(name, cancellationToken);
            var metrics = await runs.GetMetricsAsync(new RunName(run.Federation, run.Id), cancellationToken);
            Directory.CreateDirectory(folder);
            Write(folder, "run.json", Json.Indented(run) + "\n");
            Write(folder, "metrics.json", Json.Indented(metrics) + "\n");
            Write(folder, "metrics.csv", MetricsCsv.Write(metrics));
            context.Write(
                new { run.Federation, run.Id, folder, files = s_files },
                s_files.Aggregate(new ResultTable($"{run.Federation}: run {run.Id}", "file"), (table, file) => table.Add(Path.Combine(folder, file))));
            return ExitCode.Ok;
        });
        return command;
    }

    private static readonly string[] s_files = ["run.json", "metrics.json", "metrics.csv"];

    private static void Write(string folder, string file, string text) => File.WriteAllText(Path.Combine(folder, file), text, new UTF8Encoding(false));
}
