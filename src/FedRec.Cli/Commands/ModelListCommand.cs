using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;

namespace FedRec.Cli.Commands;

/// <summary><c>model list</c>: the kept versions, the one in use marked.</summary>
internal static class ModelListCommand
{
    public static Command Create(Terminal terminal) =>
        ModelCommand.Verb(terminal, new Command("list", "Lists the kept versions and marks the one in use."), async (context, model, federation, cancellationToken) =>
        {
            var summary = await model.GetSummaryAsync(cancellationToken);
            var table = new ResultTable($"Models of {federation}", ">version", "in use", "learner", "run", ">round", "created", "sha256");
            foreach (var line in summary.Versions)
            {
                table.Add(
                    line.Version.ToString(CultureInfo.InvariantCulture), line.Version == summary.Serving ? "*" : "", line.Learner, line.RunId,
                    line.Round.ToString(CultureInfo.InvariantCulture), line.CreatedAt.ToString("u", CultureInfo.InvariantCulture), line.Sha256[..Math.Min(16, line.Sha256.Length)]);
            }

            context.Write(new { federation, summary.Latest, summary.Serving, summary.Versions }, table);
        });
}
