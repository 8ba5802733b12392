using System.CommandLine;

namespace FedRec.Cli.Commands;

/// <summary><c>model promote</c>: puts a version in use.</summary>
internal static class ModelPromoteCommand
{
    public static Command Create(Terminal terminal)
    {
        var version = ModelCommand.Version("Version to put in use.");
        var command = new Command("promote", "Puts a version in use; recommendations follow within a second.") { version };
        return ModelCommand.Verb(terminal, command, async (context, model, federation, cancellationToken) =>
        {
            var wanted = context.Value(version);
            var before = (await model.GetSummaryAsync(cancellationToken)).Serving;
            await VerbSession.ManifestAsync(model, wanted, cancellationToken);
            if (!await model.PromoteAsync(wanted, cancellationToken))
            {
                throw new CliException(ExitCode.Failed, $"There is no model version {wanted} any more.", "fedrec model list shows the versions.");
            }

            context.Write(new { federation, serving = wanted, before }, ModelChange.Table(federation, before, wanted));
        });
    }
}
