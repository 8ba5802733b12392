using FedRec.Contracts.Recommendations;

namespace FedRec.Cli.Commands;

/// <summary>Why there is no list, as an error with its next step.</summary>
internal static class NoRecommendation
{
    /// <param name="recommender">Names users that are there.</param>
    /// <param name="federation">The federation asked.</param>
    /// <param name="query">What it was asked.</param>
    /// <param name="answer">Without a list.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<CliException> OfAsync(
        IRecommenderGrain recommender, string federation, RecommendationQuery query, RecommendationAnswer answer, CancellationToken cancellationToken) => answer.Outcome switch
        {
            RecommendationOutcome.DataUnavailable => new CliException(ExitCode.Failed, answer.Reason!, "Put the data back, or train a new version on data that is there."),
            RecommendationOutcome.AuditUnavailable => new CliException(ExitCode.Failed, answer.Reason!, "Make the file writable for the process that runs the silo, or start that with another FEDREC_DATA_HOME."),
            RecommendationOutcome.UnknownItem => new CliException(ExitCode.Failed, answer.Reason!, "Items are named by their ids in the training data."),
            RecommendationOutcome.UnknownTag => new CliException(ExitCode.Failed, answer.Reason!, "Tags are written as in the catalogue, and --tag takes one at a time."),
            RecommendationOutcome.UserForgotten => new CliException(ExitCode.Failed, answer.Reason!, "recommend --items asks with items of one's own."),
            RecommendationOutcome.NoModel => new CliException(ExitCode.Failed,
                query.Version > 0 ? $"Federation {federation} has no model version {query.Version}." : $"Federation {federation} has no model in use.",
                "fedrec model list shows the versions."),
            _ => new CliException(ExitCode.Failed, $"Federation {federation} has no user '{query.User}'.", await OtherUsersAsync(recommender, query.User, cancellationToken)),
        };

    /// <summary>A user who was probably meant, or some that are there.</summary>
    public static async Task<string> OtherUsersAsync(IRecommenderGrain recommender, string user, CancellationToken cancellationToken)
    {
        var some = await recommender.FindUsersAsync("", 1000, cancellationToken);
        return Suggestion.Find(user, some) is { } close ? $"Did you mean {close}?" : $"Some users: {string.Join(", ", some.Take(5))}.";
    }
}
