using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;

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
        return ScenarioNotice.Of(status?.Request.Data.Scenario);
    }
}
