using System.CommandLine;
using FedRec.Cli.Hosting;
using FedRec.Contracts.Models;
using FedRec.Grains.Models;

namespace FedRec.Cli.Commands;

/// <summary><c>model</c>: the versions of a federation's model.</summary>
internal static class ModelCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("model", "Lists, shows, promotes, rolls back, pins and exports model versions.")
        {
            ModelListCommand.Create(terminal),
            ModelShowCommand.Create(terminal),
            ModelPromoteCommand.Create(terminal),
            ModelRollbackCommand.Create(terminal),
            ModelPinCommand.Pin(terminal),
            ModelPinCommand.Unpin(terminal),
            ModelExportCommand.Create(terminal),
        };
        return command.WithExamples("fedrec model list", "fedrec model show 12", "fedrec model promote 12", "fedrec model export --to ./model-12");
    }

    /// <summary>A verb that asks a model's grain for something.</summary>
    internal static Command Verb(Terminal terminal, Command command, Func<CommandContext, IModelGrain, string, CancellationToken, Task> work) =>
        Verb(terminal, command, onlyLooks: false, (context, session, name, cancellationToken) => work(context, session.Grains.GetGrain<IModelGrain>(name), name, cancellationToken));

    /// <summary>A verb that only looks at models, which need no silo for that.</summary>
    internal static Command Look(Terminal terminal, Command command, Func<CommandContext, IModelReader, string, CancellationToken, Task> work) =>
        Verb(terminal, command, onlyLooks: true, (context, session, name, cancellationToken) => work(context, session.Models, name, cancellationToken));

    private static Command Verb(Terminal terminal, Command command, bool onlyLooks, Func<CommandContext, FedRecSession, string, CancellationToken, Task> work)
    {
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        command.Add(federation);
        command.Add(storage);
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken, onlyLooks: onlyLooks);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            await work(context, session, name, cancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }

    internal static Argument<long> Version(string description)
    {
        var version = new Argument<long>("version") { Description = description };
        version.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !(long.TryParse(result.Tokens[0].Value, out var number) && number > 0))
            {
                result.AddError($"'{result.Tokens[0].Value}' is not a version; versions are whole numbers from 1.");
            }
        });
        return version;
    }
}
