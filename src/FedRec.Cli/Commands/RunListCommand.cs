using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Cli.Runs;

namespace FedRec.Cli.Commands;

/// <summary><c>run list</c>: the runs of a federation, newest first.</summary>
internal static class RunListCommand
{
    public static Command Create(Terminal terminal)
    {
        var (federation, connection) = (CommonOptions.Federation(), new RunConnection());
        var count = TypedOptions.Number("--count", "Runs wanted.", 20, 1, 200);
        var command = new Command("list", "Lists the runs of a federation, newest first.");
        command.WithOptions([new("Runs", [federation, count]), connection.Group]);
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var runs = await connection.OpenAsync(context, cancellationToken);
            var found = await runs.ListAsync(context.Value(federation), context.Value(count), cancellationToken);
            var table = new ResultTable(found is [var first, ..] ? $"Runs of {first.Federation}" : "No runs yet", "run", "phase", "learner", ">rounds", ">of", ">version", "started", "how it ended");
            foreach (var run in found)
            {
                table.Add(
                    run.Id, run.Phase.ToString().ToLowerInvariant(), run.Request.Learner, run.RoundsDone.ToString(CultureInfo.InvariantCulture), run.RoundsPlanned.ToString(CultureInfo.InvariantCulture),
                    run.Version == 0 ? "" : run.Version.ToString(CultureInfo.InvariantCulture), run.StartedAt.ToString("u", CultureInfo.InvariantCulture), run.Summary ?? run.Reason ?? "");
            }

            context.Write(new { federation = (found is [var newest, ..] ? newest.Federation : null) ?? context.Value(federation), runs = found }, table);
            return ExitCode.Ok;
        });
        return command;
    }
}
