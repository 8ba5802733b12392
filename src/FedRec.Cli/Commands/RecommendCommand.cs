using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;

namespace FedRec.Cli.Commands;

/// <summary><c>recommend</c>: what the model in use proposes to a user, and why.</summary>
internal static class RecommendCommand
{
    public static Command Create(Terminal terminal)
    {
        var user = new Argument<string?>("user") { Description = "Original user id.", Arity = ArgumentArity.ZeroOrOne };
        var named = new Option<string?>("--user") { Description = "The same as the argument.", HelpName = "USER" };
        var items = MetItems.Option();
        var count = TypedOptions.Number("--count", "Items wanted.", 10, 1, 1_000);
        count.Aliases.Add("-k");
        var explain = new Option<bool>("--explain") { Description = "Says which of the user's own items speak for each recommendation." };
        var (version, parts) = (VerbSession.Version(), new ListParts());
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("recommend", "Recommends items to a user, from the model version in use; to an unknown user what most have met.") { user };
        command.WithOptions(OptionGroup.BeginWith([items, count, explain, version, federation], parts.Group, new OptionGroup("User and store", [named, storage])));
        command.Validators.Add(result =>
        {
            var (hasUser, hasItems) = ((result.GetValue(user) ?? result.GetValue(named)) is not null, result.GetResult(items) is { Implicit: false });
            if (hasUser == hasItems)
            {
                result.AddError(hasUser
                    ? "recommend takes a user id or --items, not both."
                    : "recommend needs a user id, such as: fedrec recommend u17, or items: fedrec recommend --items i1,i2");
            }
        });
        command.WithExamples("fedrec recommend u17", "fedrec recommend 42 -k 5 --explain", "fedrec recommend 42 --model 3 --format json", "fedrec recommend 42 --tag Comedy --tag Romance --exclude 50,172 --offset 10     the second ten of what is left", "fedrec recommend --items 50,172,181 -k 5     somebody who is in no client's data",
            "fedrec recommend --items '\"Brazil, 1985\",172'   an id with a comma stands in double quotes");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var query = new RecommendationQuery(context.Value(user) ?? context.Value(named) ?? "", context.Value(count), context.Value(explain), context.Value(version))
            {
                Items = context.Value(items) is { IsDefault: false } met ? met : [],
                Part = parts.Of(context, context.Value(count)),
            };
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            var recommender = session.Grains.GetGrain<IRecommenderGrain>(name);
            var answer = await recommender.RecommendAsync(query, cancellationToken);
            if (!answer.HasList())
            {
                throw await NoRecommendation.OfAsync(recommender, name, query, answer, cancellationToken);
            }

            var table = RecommendationTable.Of(name, query, answer);
            if (answer.Outcome is RecommendationOutcome.UnknownUser && !(await recommender.FindUsersAsync(query.User, 1_000, cancellationToken)).Contains(query.User))
            {
                table.Notes.Add(await NoRecommendation.OtherUsersAsync(recommender, query.User, cancellationToken));
            }

            if (await NoticeAsync(session.Grains, name, cancellationToken) is { } notice)
            {
                table.Notes.Add(notice);
            }

            context.Write(new { federation = name, query.User, answer.Version, answer.Reason, answer.Items }, table);
            return ExitCode.Ok;
        });
        return command;
    }

    internal static async Task<string?> NoticeAsync(IGrainFactory grains, string federation, CancellationToken cancellationToken)
    {
        var runs = (await grains.GetGrain<IFederationGrain>(federation).GetSummaryAsync(cancellationToken)).Runs;
        var status = runs.IsEmpty ? null : await grains.GetGrain<IRunGrain>($"{federation}/{runs[^1]}").GetStatusAsync(cancellationToken);
        return ScenarioNotice.Of(status?.Source.Simulated?.Scenario);
    }
}

/// <summary>Why there is no list, as an error with its next step.</summary>
internal static class NoRecommendation
{
    /// <param name="recommender">Names users that are there.</param>
    /// <param name="federation">The federation asked.</param>
    /// <param name="query">What it was asked.</param>
    /// <param name="answer">Without a list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<CliException> OfAsync(
        IRecommenderGrain recommender, string federation, RecommendationQuery query, RecommendationAnswer answer, CancellationToken cancellationToken) => answer.Outcome is RecommendationOutcome.UnknownUser
            ? new CliException(ExitCode.Failed, $"Federation {federation} has no user '{query.User}'.", await OtherUsersAsync(recommender, query.User, cancellationToken))
            : Of(answer.Outcome, federation, query.Version, answer.Reason);

    /// <param name="outcome">What the recommender says, of anything but a user.</param>
    /// <param name="federation">The federation asked.</param>
    /// <param name="version">The version asked for; 0 for the one in use.</param>
    /// <param name="reason">What it says to people.</param>
    public static CliException Of(RecommendationOutcome outcome, string federation, long version, string? reason) => outcome switch
    {
        RecommendationOutcome.DataUnavailable => new(ExitCode.Failed, reason!, "Put the data back, or train a new version on data that is there."),
        RecommendationOutcome.AuditUnavailable => new(ExitCode.Failed, reason!, "Make the file writable for the process that runs the silo, or start that with another FEDREC_DATA_HOME."),
        RecommendationOutcome.UnknownItem => new(ExitCode.Failed, reason!, "Items are named by their ids in the training data, which fedrec recommend USER shows beside their titles."),
        RecommendationOutcome.UnknownTag => new(ExitCode.Failed, reason!, "Tags are written as in the catalogue, and --tag takes one at a time."),
        RecommendationOutcome.NotMeasured => new(ExitCode.Failed, reason!, "fedrec model list shows the versions with their learners; --model asks one of them."),
        RecommendationOutcome.UserForgotten => new(ExitCode.Failed, reason!, "recommend --items asks with items of one's own."),
        _ => new(ExitCode.Failed, version > 0 ? $"Federation {federation} has no model version {version}." : $"Federation {federation} has no model in use.", "fedrec model list shows the versions."),
    };

    /// <summary>A user who was probably meant, or some that are there.</summary>
    public static async Task<string> OtherUsersAsync(IRecommenderGrain recommender, string user, CancellationToken cancellationToken)
    {
        var some = await recommender.FindUsersAsync("", 1000, cancellationToken);
        return some.IsEmpty ? "Only the users themselves know their ids." : NearestName.Find(user, some) is { } close ? $"Did you mean {close}?" : $"Some users: {string.Join(", ", some.Take(5))}.";
    }
}
