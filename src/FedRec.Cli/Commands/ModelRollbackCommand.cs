using System.CommandLine;

namespace FedRec.Cli.Commands;

/// <summary><c>model rollback</c>: puts the version back in use that was in use before.</summary>
internal static class ModelRollbackCommand
{
    public static Command Create(Terminal terminal) =>
        ModelCommand.Verb(terminal, new Command("rollback", "Puts the version back in use that was in use before the present one."), async (context, model, federation, cancellationToken) =>
        {
            var before = (await model.GetSummaryAsync(cancellationToken)).Serving;
            var serving = await model.RollbackAsync(cancellationToken)
                ?? throw new CliException(ExitCode.Failed, $"Federation {federation} has no earlier version to go back to.", "fedrec model list shows the versions; fedrec model promote V puts one in use.");
            context.Write(new { federation, serving, before }, ModelChange.Table(federation, before, serving));
        });
}
