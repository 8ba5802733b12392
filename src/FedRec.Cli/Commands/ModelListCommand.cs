using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;

namespace FedRec.Cli.Commands;

/// <summary><c>model list</c>: the kept versions, with marks for the one in use, the one before it and pinned ones.</summary>
internal static class ModelListCommand
{
    public static Command Create(Terminal terminal) =>
        ModelCommand.Look(terminal, new Command("list", "Lists the kept versions; marks the one in use, the one in use before it, and pinned ones."), async (context, models, federation, cancellationToken) =>
        {
            var summary = await models.GetSummaryAsync(federation, cancellationToken);
            var table = new ResultTable($"Models of {federation}", ">version", "in use", "pinned", "learner", "run", ">round", "created", "sha256");
            foreach (var line in summary.Versions)
            {
                table.Add(
                    line.Version.ToString(CultureInfo.InvariantCulture), line.Version == summary.Serving ? "*" : line.Version == summary.Previous ? "before" : "", line.Pinned ? "*" : "", line.Learner, line.RunId,
                    line.Round.ToString(CultureInfo.InvariantCulture), line.CreatedAt.ToString("u", CultureInfo.InvariantCulture), line.Sha256[..Math.Min(16, line.Sha256.Length)]);
            }

            context.Write(new { federation, summary.Latest, summary.Serving, summary.Previous, summary.Versions }, table);
        });
}
