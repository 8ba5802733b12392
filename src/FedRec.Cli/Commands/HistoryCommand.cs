using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Contracts.Histories;

namespace FedRec.Cli.Commands;

/// <summary><c>history</c>: tells a user's grain what the user did.</summary>
internal static class HistoryCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("history", "Changes what a user has met: recommendations follow at once, training from the next run on.")
        {
            Add(terminal),
            Remove(terminal),
            ForgettingCommands.Forget(terminal),
            ForgettingCommands.Verify(terminal),
        };
        return command.WithExamples(
            "fedrec history add 42 181", "fedrec history add 42 181 --rating 4.5", "fedrec history remove 42 181", "fedrec history forget 42", "fedrec history forget 42 --retire --certificate 42.json",
            "fedrec simulate --data ratings.csv --learner ease --warm-start 3     takes the changes into version 3");
    }

    private static Command Add(Terminal terminal)
    {
        var (user, item) = (User(), Item());
        var rating = TypedOptions.RatingOrNone("--rating", "The rating; needed where the learner learns from ratings (--objective mse).");
        var command = new Command("add", "Adds an item to a user's history, or rates it anew.") { user, item, rating };
        return Verb(terminal, command, context => new HistoryChange(context.Value(user), HistoryChangeKind.Added, context.Value(item), context.Value(rating)));
    }

    private static Command Remove(Terminal terminal)
    {
        var (user, item) = (User(), Item());
        var command = new Command("remove", "Takes an item out of a user's history.") { user, item };
        return Verb(terminal, command, context => new HistoryChange(context.Value(user), HistoryChangeKind.Removed, context.Value(item)));
    }

    internal static Argument<string> User() => new("user") { Description = "Original user id." };

    private static Argument<string> Item() => new("item") { Description = "Original item id." };

    private static Command Verb(Terminal terminal, Command command, Func<CommandContext, HistoryChange> read)
    {
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        command.Add(federation);
        command.Add(storage);
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var change = read(context);
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            var receipt = await session.Grains.GetGrain<IHistoryGrain>(name).RecordAsync(change, cancellationToken);
            if (receipt.Outcome is not HistoryOutcome.Recorded)
            {
                throw new CliException(ExitCode.Failed, receipt.Message, receipt.Outcome is HistoryOutcome.Unfit && change is { Kind: HistoryChangeKind.Added, Rating: null }
                    ? "Nothing was recorded. Give a rating with --rating, such as --rating 4." : "Nothing was recorded.");
            }

            context.Write(
                new { federation = name, change.User, change = change.Kind, change.Item, change.Rating, receipt.Remaining },
                new ResultTable($"{name}: {receipt.Message}", "user", "change", "item").Add(change.User, change.Kind.ToString().ToLowerInvariant(), change.Item ?? "all"));
            return ExitCode.Ok;
        });
        return command;
    }
}
