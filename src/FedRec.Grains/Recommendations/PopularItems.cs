using System.Runtime.CompilerServices;
using FedRec.Contracts.Recommendations;
using FedRec.Core.Data;
using FedRec.Core.Evaluation;
using FedRec.Grains.Clients;
using FedRec.Grains.Training;

namespace FedRec.Grains.Recommendations;

/// <summary>What somebody gets of whom nothing is known: the items that most users have met, and the reason why it is these.</summary>
internal static class PopularItems
{
    private static readonly ConditionalWeakTable<Dataset, ItemPopularity> s_counted = []; // goes when the data goes

    /// <summary>The list for a user who is in no client's data.</summary>
    /// <param name="run">The run of the version.</param>
    /// <param name="query">What was asked, without items.</param>
    /// <param name="wanted">Which part of the list.</param>
    /// <param name="version">The version that would have scored.</param>
    /// <returns>No list where rows have labels: nothing is popular among them.</returns>
    public static RecommendationAnswer Answer(RunContext run, RecommendationQuery query, WantedItems wanted, long version)
    {
        var data = run.Dataset;
        if (data.Task is not null)
        {
            return new RecommendationAnswer(RecommendationOutcome.UnknownUser, version, []);
        }

        var who = query.User.Length > 0 ? $"There is no user '{query.User}' in the data of version {version}" : "Nothing is known of this user";
        var popularity = s_counted.GetValue(data, counted => ItemPopularity.Of(counted.Train, counted.Items.Count));
        var scores = new float[data.Items.Count];
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = popularity.Count(item);
        }

        return new RecommendationAnswer(RecommendationOutcome.UnknownUser, version, [.. ClientScoring.Best(data, default, scores, wanted).Items],
            $"{who}: these are the items that most users have met, and the score is their number.");
    }
}
