using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;

namespace FedRec.Cli.Commands;

/// <summary><c>model pin</c> and <c>model unpin</c>: a pinned version is kept whatever is published later.</summary>
internal static class ModelPinCommand
{
    public static Command Pin(Terminal terminal) => Create(terminal, "pin", "Keeps a version whatever is published later.", pinned: true);

    public static Command Unpin(Terminal terminal) => Create(terminal, "unpin", "Lets a version be dropped again when newer ones replace it.", pinned: false);

    private static Command Create(Terminal terminal, string name, string description, bool pinned)
    {
        var version = ModelCommand.Version($"Version to {name}.");
        var command = new Command(name, description) { version };
        return ModelCommand.Verb(terminal, command, async (context, model, federation, cancellationToken) =>
        {
            var wanted = context.Value(version);
            await VerbSession.ManifestAsync(model, wanted, cancellationToken);
            if (!await model.PinAsync(wanted, pinned, cancellationToken))
            {
                throw new CliException(ExitCode.Failed, $"There is no model version {wanted} any more.", "fedrec model list shows the versions.");
            }

            context.Write(
                new { federation, version = wanted, pinned },
                new ResultTable($"Models of {federation}", ">version", "pinned").Add(wanted.ToString(CultureInfo.InvariantCulture), pinned ? "yes" : "no"));
        });
    }
}
