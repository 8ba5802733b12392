using System.Globalization;
using System.Text;
using FedRec.Contracts.Recommendations;

namespace FedRec.Cli.Simulation;

/// <summary>Writes every user's recommendations: user, rank, item, score; original ids, tab-separated.</summary>
internal static class RecommendationFile
{
    private const int Page = 1_000;
    private const int AtOnce = 64;

    /// <param name="recommender">Of the federation.</param>
    /// <param name="version">Version that is asked.</param>
    /// <param name="count">Items of each user.</param>
    /// <param name="file">Written anew.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task WriteAsync(IRecommenderGrain recommender, long version, int count, string file, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(file, append: false, new UTF8Encoding(false)) { NewLine = "\n" };
        await writer.WriteLineAsync("user\trank\titem\tscore");
        for (var offset = 0; await recommender.ListUsersAsync(offset, Page, cancellationToken) is { IsEmpty: false } users; offset += users.Length)
        {
            foreach (var some in users.Chunk(AtOnce))
            {
                var answers = await Task.WhenAll(some.Select(user => recommender.RecommendAsync(new RecommendationQuery(user, count, Explain: false, version), cancellationToken)));
                foreach (var (user, answer) in some.Zip(answers))
                {
                    await WriteAsync(writer, user, answer);
                }
            }
        }
    }

    private static async Task WriteAsync(StreamWriter writer, string user, RecommendationAnswer answer)
    {
        if (answer.Outcome is not RecommendationOutcome.Found)
        {
            throw new CliException(ExitCode.Failed, $"No recommendations for user {user}: {answer.Outcome}.", null);
        }

        foreach (var item in answer.Items)
        {
            await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{user}\t{item.Rank}\t{item.Item}\t{item.Score:R}"));
        }
    }
}
