using System.CommandLine;
using System.Globalization;
using FedRec.Cli.Output;
using FedRec.Contracts.Privacy;

namespace FedRec.Cli.Commands;

/// <summary><c>privacy ledger show</c> and <c>privacy budget</c>: what a federation has spent of its clients' privacy, and the most that it may.</summary>
internal static class PrivacyLedgerCommands
{
    public static Command Ledger(Terminal terminal) =>
        new("ledger", "What a federation's private runs have spent: shown, verified, and written into a file.") { Show(terminal), PrivacyVerifyCommands.Verify(terminal), PrivacyVerifyCommands.Export(terminal) };

    private static Command Show(Terminal terminal)
    {
        var delta = DeltaOption();
        var command = new Command("show", "Shows what a federation's private runs have spent, run by run and together. A round is charged before its sum is used, so nothing is missing after a crash.") { delta };
        return Verb(terminal, command, async (context, ledger, federation, cancellationToken) =>
        {
            var at = context.Value(delta);
            var (read, epsilon) = (await ledger.ReadAsync(cancellationToken), await ledger.SpentAsync(at, cancellationToken));
            var table = new ResultTable($"{federation}: ε {Number(epsilon)} at δ {Number(at)} of {Most(read.Budget)}", "run", ">releases", ">noise multiplier", ">chance to be drawn");
            foreach (var account in read.Accounts)
            {
                table.Add(account.RunId, Text.Count(account.Charges), Number(account.NoiseMultiplier), Number(account.Rate));
            }

            table.Notes.Add(read.Accounts.IsEmpty ? "No private run has released anything." : $"Chain of {Text.Count(read.Accounts.Sum(account => account.Charges))} charges: {read.Head}");
            context.Write(new { federation, epsilon, delta = at, read.Budget, read.Accounts, read.Head }, table);
        });
    }

    public static Command Budget(Terminal terminal)
    {
        var epsilon = new Argument<double>("epsilon") { Description = "The most ε that all private runs of the federation may spend together; 0 for no limit." };
        var delta = DeltaOption();
        var command = new Command("budget", "Limits what all private runs of a federation may spend together: a run ends before a round that would spend more. What was spent stays spent.") { epsilon, delta };
        return Verb(terminal, command, async (context, ledger, federation, cancellationToken) =>
        {
            var budget = context.Value(epsilon) == 0 ? null : new PrivacyBudget(context.Value(epsilon), context.Value(delta));
            try
            {
                await ledger.SetBudgetAsync(budget, cancellationToken);
            }
            catch (ArgumentException exception)
            {
                throw new CliException(ExitCode.Usage, Failure.Plain(exception), "Nothing was changed.", exception);
            }

            var spent = await ledger.SpentAsync(context.Value(delta), cancellationToken);
            context.Write(new { federation, budget, spent }, new ResultTable($"{federation}: {Most(budget)} at most", "spent so far", "at δ").Add($"ε {Number(spent)}", Number(context.Value(delta))));
        });
    }

    private static Command Verb(Terminal terminal, Command command, Func<CommandContext, IPrivacyLedgerGrain, string, CancellationToken, Task> work)
    {
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        command.Add(federation);
        command.Add(storage);
        command.Run(terminal, async (context, cancellationToken) =>
        {
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            await work(context, session.Grains.GetGrain<IPrivacyLedgerGrain>(name), name, cancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Option<double> DeltaOption() => TypedOptions.Positive("--delta", "δ, less than 1.", PrivacySettings.UsualDelta, 0.999);

    private static string Most(PrivacyBudget? budget) => budget is null ? "no limit" : $"ε {Number(budget.Epsilon)} at δ {Number(budget.Delta)}";

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture) is "0" && value > 0 ? value.ToString("0.##E+0", CultureInfo.InvariantCulture) : value.ToString("0.###", CultureInfo.InvariantCulture);
}
