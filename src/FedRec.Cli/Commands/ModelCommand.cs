using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Hosting;
using FedRec.Cli.Output;
using FedRec.Contracts.Models;
using FedRec.Grains.Federations;

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

/// <summary>Which version was in use and which is now.</summary>
internal static class ModelChange
{
    public static ResultTable Table(string federation, long before, long serving) =>
        new ResultTable($"Model of {federation}", ">in use before", ">in use now")
            .Add(before == 0 ? "none" : before.ToString(CultureInfo.InvariantCulture), serving.ToString(CultureInfo.InvariantCulture));
}
