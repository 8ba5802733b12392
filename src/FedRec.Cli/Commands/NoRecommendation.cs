using FedRec.Contracts.Recommendations;
using FedRec.Hosting.Configuration;

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
        return Suggestion.Find(user, some) is { } close ? $"Did you mean {close}?" : $"Some users: {string.Join(", ", some.Take(5))}.";
    }
}
