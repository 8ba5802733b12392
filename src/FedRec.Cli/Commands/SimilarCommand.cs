using System.CommandLine;
using FedRec.Cli.Output;
using FedRec.Contracts.Recommendations;

namespace FedRec.Cli.Commands;

/// <summary><c>similar</c>: the items that a model holds near to an item.</summary>
internal static class SimilarCommand
{
    public static Command Create(Terminal terminal)
    {
        var item = new Argument<string?>("item") { Description = "Original item id.", Arity = ArgumentArity.ZeroOrOne };
        var count = TypedOptions.Number("--count", "Items wanted.", 10, 1, 1_000);
        count.Aliases.Add("-k");
        var version = VerbSession.Version();
        var (federation, storage) = (CommonOptions.Federation(), CommonOptions.Storage());
        var command = new Command("similar", "Shows the items that a model version holds nearest to an item, by the model alone: ease and pca by their weights, mf and two-tower by item vectors.") { item, count, version, federation, storage };
        command.Validators.Add(result =>
        {
            if (string.IsNullOrEmpty(result.GetValue(item)))
            {
                result.AddError("similar needs the id of an item, such as: fedrec similar 50");
            }
        });
        command.WithExamples("fedrec similar 50", "fedrec similar 'Brazil, 1985' -k 5     an id as it is", "fedrec similar 50 --model 3 --format json");
        command.Run(terminal, async (context, cancellationToken) =>
        {
            var query = new SimilarQuery(context.Value(item)!, context.Value(count), context.Value(version));
            await using var session = await VerbSession.OpenAsync(context, storage, cancellationToken);
            var name = await VerbSession.FederationAsync(context, session, context.Value(federation), cancellationToken);
            var answer = await session.Grains.GetGrain<IRecommenderGrain>(name).FindSimilarAsync(query, cancellationToken);
            if (answer.Outcome is not RecommendationOutcome.Found)
            {
                throw NoRecommendation.Of(answer.Outcome, name, query.Version, answer.Reason);
            }

            var table = TableOf(name, query, answer);
            if (await RecommendCommand.NoticeAsync(session.Grains, name, cancellationToken) is { } notice)
            {
                table.Notes.Add(notice);
            }

            context.Write(new { federation = name, query.Item, answer.Title, answer.Version, answer.Learner, answer.Reason, answer.Items }, table);
            return ExitCode.Ok;
        });
        return command;
    }

    private static ResultTable TableOf(string federation, SimilarQuery query, SimilarAnswer answer)
    {
        var title = answer.Title == query.Item ? "" : $" “{answer.Title}”";
        var table = new ResultTable($"{federation}, model version {answer.Version} ({answer.Learner}): near to item {query.Item}{title}", [">rank", "item", "title", ">score", "tags", "in common"]);
        foreach (var near in answer.Items)
        {
            table.Add([Text.Count(near.Rank), near.Item, near.Title, Text.Fixed(near.Score), string.Join(", ", near.Tags), string.Join(", ", near.SharedTags)]);
        }

        if (answer.Items.IsEmpty)
        {
            table.Notes.Add("No item is near to it.");
        }

        table.Notes.Add(answer.Reason!);
        return table;
    }
}
