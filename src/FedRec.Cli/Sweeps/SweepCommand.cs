using System.Text;
using FedRec.Cli.Commands;
using FedRec.Cli.Output;

namespace FedRec.Cli.Sweeps;

/// <summary><c>simulate --sweep</c>: many points of one command line, compared on validation interactions.</summary>
internal static class SweepCommand
{
    private const string DefaultFederation = "sweep"; // trials must not take the place of a model in use

    public static async Task<int> RunAsync(CommandContext context, RunOptions run, LearnerArguments learner, SimulationOptions output, string file, CancellationToken cancellationToken)
    {
        RefuseUnused(context, output);
        var path = context.FullPath(file);
        var plan = SweepFile.Read(path, SweepTrial.Options(run, learner));
        var federation = context.IsGiven(output.Federation) ? context.Value(output.Federation) : DefaultFederation;
        var trials = plan.Points.Select(point => SweepTrial.Create(context, run, learner, point, federation, plan.Seeds ?? context.Value(output.Seeds))).DistinctBy(trial => trial.Id).ToList();
        var folder = context.FullPath(context.Value(output.Out) ?? Path.Combine("runs", $"sweep-{Path.GetFileNameWithoutExtension(path)}"));

        RunRequests.ThrowUnlessDealable(trials[0].Requests[0]);
        await using var session = await VerbSession.OpenAsync(context, output.Storage, cancellationToken, trainsLong: true);
        var results = await new SweepRunner(session, folder).RunAsync(trials, cancellationToken);
        var report = SweepReport.Of(results, plan.Metric, folder);
        var table = SweepTables.Ranking(report);
        Write(folder, report, table);
        context.Write(report, table);
        return ExitCode.Ok;
    }

    private static void Write(string folder, SweepReport report, ResultTable table)
    {
        using var csv = new StringWriter();
        CsvText.Write(csv, table);
        File.WriteAllText(Path.Combine(folder, "sweep.csv"), csv.ToString(), new UTF8Encoding(false));
        File.WriteAllText(Path.Combine(folder, "sweep.json"), Json.Indented(report) + "\n", new UTF8Encoding(false));
    }

    private static void RefuseUnused(CommandContext context, SimulationOptions output)
    {
        foreach (var option in output.NotOfSweeps)
        {
            if (context.IsGiven(option))
            {
                throw new CliException(ExitCode.Usage, $"A sweep has no {option.Name}: it compares its trials on validation interactions.", $"Leave out {option.Name}, and give it when you train the winner.");
            }
        }
    }
}
