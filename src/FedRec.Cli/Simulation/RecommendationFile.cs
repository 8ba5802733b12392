using System.Globalization;
using System.Text;
using FedRec.Cli.Commands;
using FedRec.Contracts.Recommendations;
using FedRec.Core.Data;

namespace FedRec.Cli.Simulation;

/// <summary>Writes every user's recommendations: user, rank, item, score; original ids, tab-separated, with tabs and line ends in ids as <see cref="LinearText"/>.</summary>
internal static class RecommendationFile
{
    private const int Page = 1_000;
    private const int AtOnce = 64;

    /// <param name="recommender">Of the federation.</param>
    /// <param name="federation">Its name.</param>
    /// <param name="version">Version that is asked.</param>
    /// <param name="count">Items of each user.</param>
    /// <param name="file">Written anew.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task WriteAsync(IRecommenderGrain recommender, string federation, long version, int count, string file, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(file, append: false, new UTF8Encoding(false)) { NewLine = "\n" };
        await writer.WriteLineAsync("user\trank\titem\tscore");
        for (var offset = 0; await recommender.ListUsersAsync(offset, Page, cancellationToken) is { IsEmpty: false } users; offset += users.Length)
        {
            foreach (var some in users.Chunk(AtOnce))
            {
                var queries = some.Select(user => new RecommendationQuery(user, count, Explain: false, version)).ToList();
                var answers = await Task.WhenAll(queries.Select(query => recommender.RecommendAsync(query, cancellationToken)));
                foreach (var (query, answer) in queries.Zip(answers))
                {
                    await WriteAsync(writer, query.User, answer.HasList() || answer.Outcome is RecommendationOutcome.UserForgotten ? answer
                        : throw await NoRecommendation.OfAsync(recommender, federation, query, answer, cancellationToken));
                }
            }
        }
    }

    private static async Task WriteAsync(StreamWriter writer, string user, RecommendationAnswer answer)
    {
        foreach (var item in answer.Items)
        {
            await writer.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{LinearText.Escape(user)}\t{item.Rank}\t{LinearText.Escape(item.Item)}\t{item.Score:R}"));
        }
    }
}
