using FedRec.Contracts.Recommendations;
using FedRec.Grains.Clients;
using FedRec.Grains.Training;

namespace FedRec.Grains.Recommendations;

/// <summary>The items that most users have met: for whoever asks for them, and for somebody of whom nothing is known.</summary>
/// <remarks>Of items that fewer users have met than a cohort no number is given, since it would tell of these few. They are not listed as popular, and stand
/// at the end of a list for somebody unknown, where they are better than nothing.</remarks>
internal static class PopularItems
{
    /// <summary>Users of whom a number may tell, where the data does not ask for more.</summary>
    public const int Cohort = 10;

    /// <summary>The list for a user who is in no client's data, or has met nothing.</summary>
    /// <param name="run">The run of the version.</param>
    /// <param name="query">What was asked, without items.</param>
    /// <param name="wanted">Which part of the list.</param>
    /// <param name="version">The version that would have scored.</param>
    /// <param name="users">Gives the number of users who have met an item.</param>
    /// <returns>No list where rows have labels: nothing is popular among them.</returns>
    public static RecommendationAnswer Answer(RunContext run, RecommendationQuery query, WantedItems wanted, long version, Func<int, int> users)
    {
        if (run.Shape.Task is not null)
        {
            return new RecommendationAnswer(RecommendationOutcome.UnknownUser, version, []);
        }

        var who = query.User.Length == 0 ? "Nothing is known of this user"
            : run.Simulated?.Dataset.Users.TryGet(query.User, out _) == true ? $"User '{query.User}' has met nothing that version {version} could go by"
            : $"There is no user '{query.User}' in the data of version {version}";
        return new RecommendationAnswer(RecommendationOutcome.UnknownUser, version, [.. ClientScoring.Best(run.Shown, default, Counts(run, users, otherwise: 0), wanted).Items],
            $"{who}: these are the items that most users have met, and the score is their number, or 0 where they are fewer than {CohortOf(run)}.");
    }

    /// <summary>The list for whoever asks.</summary>
    /// <param name="run">The run of the version in use.</param>
    /// <param name="wanted">Which part of the list.</param>
    /// <param name="version">That version.</param>
    /// <param name="users">Gives the number of users who have met an item.</param>
    public static RecommendationAnswer List(RunContext run, WantedItems wanted, long version, Func<int, int> users) => run.Shape.Task is not null
            ? new RecommendationAnswer(RecommendationOutcome.NotMeasured, version, [], $"The rows of version {version} have labels, and nothing is popular among them.")
            : new RecommendationAnswer(RecommendationOutcome.Found, version, [.. ClientScoring.Best(run.Shown, default, Counts(run, users, otherwise: float.NaN), wanted).Items],
                $"Ranked by the number of users who have met them; items of fewer than {CohortOf(run)} users are not listed.");

    private static float[] Counts(RunContext run, Func<int, int> users, float otherwise)
    {
        var (counts, cohort) = (new float[run.Catalogue.Items.Count], CohortOf(run));
        for (var item = 0; item < counts.Length; item++)
        {
            counts[item] = users(item) >= cohort ? users(item) : otherwise;
        }

        return counts;
    }

    private static int CohortOf(RunContext run) => Math.Max(Cohort, run.Catalogue.Entries.MinimumCohort);
}
