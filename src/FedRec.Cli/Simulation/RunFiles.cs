using System.Globalization;
using System.Text;
using FedRec.Cli.Commands;
using FedRec.Cli.Output;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Rounds;
using FedRec.Core.Data;

namespace FedRec.Cli.Simulation;

/// <summary>Writes what each round did and how good the model was, one JSON object per line, and the rounds as CSV.</summary>
internal static class MetricsLog
{
    private static readonly string[] s_columns =
        ["seed", "round", "phase", "asked", "participants", "dropped", "late", "rejected", "loss", "largestShare", "stepNorm", "bytesUp", "bytesDown", "milliseconds", "version", "clippedShare"];

    public static void Write(RunFolder folder, string prefix, IReadOnlyList<RunResult> results)
    {
        var lines = results.SelectMany(result => Lines(result, result.Status.Request.Seed));
        File.WriteAllText(folder.File([.. Parts(prefix), "metrics.jsonl"]), string.Concat(lines.Select(l => l + "\n")), new UTF8Encoding(false));
        using var csv = new StreamWriter(folder.File([.. Parts(prefix), "metrics.csv"]), append: false, new UTF8Encoding(false));
        CsvText.WriteRow(csv, s_columns);
        foreach (var (seed, round) in results.SelectMany(r => r.Status.Rounds.Select(round => (r.Status.Request.Seed, round))))
        {
            CsvText.WriteRow(csv, Cells(seed, round));
        }
    }

    private static IEnumerable<string> Lines(RunResult result, ulong seed)
    {
        var evaluations = result.Status.Evaluations.ToLookup(e => e.Round);
        foreach (var round in result.Status.Rounds)
        {
            yield return Line(seed, round);
            foreach (var evaluation in evaluations[round.Round])
            {
                yield return Line("eval", seed, evaluation.Round, evaluation);
            }
        }

        yield return Line("test", seed, result.Status.RoundsDone, result.Test);
    }

    private static string Line(ulong seed, RoundRecord r) => Json.Line(new
    {
        Kind = "round",
        seed,
        r.Round,
        r.Phase,
        r.Reason,
        r.Asked,
        r.Participants,
        r.Dropped,
        r.Late,
        r.Rejected,
        r.Loss,
        r.LargestShare,
        r.StepNorm,
        r.BytesUp,
        r.BytesDown,
        r.Milliseconds,
        r.Version,
        r.ClippedShare,
    });

    private static string Line(string kind, ulong seed, int round, EvaluationRecord e) =>
        Json.Line(new { kind, seed, round, e.OnValidation, e.Users, e.Metrics, e.Quantiles, e.Groups, e.Seconds });

    private static IEnumerable<string> Cells(ulong seed, RoundRecord r) => new object?[]
    {
        seed, r.Round, r.Phase, r.Asked, r.Participants, r.Dropped, r.Late, r.Rejected, r.Loss, r.LargestShare, r.StepNorm, r.BytesUp, r.BytesDown, r.Milliseconds, r.Version, r.ClippedShare,
    }.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");

    private static string[] Parts(string prefix) => prefix.Length == 0 ? [] : [prefix];
}

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
