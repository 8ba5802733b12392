using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Rounds;
using FedRec.Integration.Tests.Web.Doubles;

namespace FedRec.Integration.Tests.Web;

/// <summary>Situations that the page and the API are shown in.</summary>
internal static class Scenes
{
    private static readonly (string Title, string[] Tags)[] s_films =
    [
        ("The Long Voyage", ["drama", "sea"]), ("Copper Canyon", ["western"]), ("Night Train to Lisbon", ["thriller", "noir"]),
        ("A Quiet Orchard", ["drama"]), ("The Cartographer", ["adventure", "history"]), ("Salt and Iron", ["drama", "history"]),
        ("Paper Lanterns", ["romance"]), ("Meridian", ["science fiction"]), ("The Glass Harbour", ["noir", "sea"]), ("Winterreise", ["music", "drama"]),
    ];

    /// <summary>A federation with a run that has closed some rounds and has the next one open.</summary>
    public static FakeRun MidRun(FakeCluster cluster, int closed = 6)
    {
        var federation = cluster.Add("movies");
        var run = federation.AddRun("run-3", s => s with
        {
            Clients = 943,
            Users = 943,
            Items = 1_682,
            Interactions = 100_000,
            Protocol = "leave-last-out by time",
        });
        Fill(federation.Recommender);
        run.Start();
        foreach (var (name, hr, ndcg) in new[] { ("popularity", 0.0859, 0.0443), ("item-knn", 0.1352, 0.0688), ("ials", 0.1474, 0.0742) })
        {
            run.Evaluate(Evaluation(name, 0, hr, ndcg));
        }

        for (var round = 1; round <= closed; round++)
        {
            CloseRound(federation, run, round);
        }

        run.Progress(Open(closed + 1, "Planned", 0));
        run.Progress(Open(closed + 1, "Collecting", 41));
        return run;
    }

    public static void CloseRound(FakeFederation federation, FakeRun run, int round)
    {
        run.Progress(Open(round, "Planned", 0));
        var version = federation.Model.Add([(byte)round, 2, 3, 4], run.Id, round).Version;
        run.Close(Open(round, "Committed", 91 - round % 3) with
        {
            Dropped = 6,
            Late = 3 + round % 3,
            Loss = 0.18 + 0.5 * Math.Exp(-round / 4.0),
            LargestShare = 0.03,
            BytesUp = 1_240_000,
            BytesDown = 21_500_000,
            Milliseconds = 212 + 9 * (round % 4),
            StepNorm = 0.4,
            Version = version,
        });
        run.PublishVersion(version);
        if (round % 2 == 0)
        {
            run.Evaluate(Evaluation("mf", round, 0.15 - 0.11 * Math.Exp(-round / 4.0), 0.0756 - 0.06 * Math.Exp(-round / 4.0)));
        }
    }

    public static RoundRecord Open(int round, string phase, int participants) =>
        new() { Round = round, Phase = phase, Asked = 100, Participants = participants };

    public static EvaluationRecord Evaluation(string name, int round, double hr, double ndcg) => new()
    {
        Name = name,
        Round = round,
        Users = 943,
        Metrics = ImmutableSortedDictionary<string, double>.Empty
            .Add("hr@10", hr).Add("ndcg@10", ndcg).Add("recall@20", hr * 1.6).Add("mrr@10", ndcg * 0.8).Add("coverage@10", 0.31),
    };

    /// <summary>More metrics than a narrow page has room for.</summary>
    public static ImmutableSortedDictionary<string, double> ManyMetrics { get; } =
        new[] { "auc", "coverage@10", "hr@1", "hr@10", "hr@50", "mae", "mrr@10", "ndcg@10", "ndcg@50", "novelty@10", "recall@20", "rmse" }
            .ToImmutableSortedDictionary(name => name, _ => 0.1234);

    /// <summary>An item with two reasons.</summary>
    public static RecommendedItem Item(int rank, string title, params string[] tags) => new(
        rank, $"i{rank}", title, 0.912f - 0.061f * rank, [.. tags],
        [new RecommendationReason("Harbour Lights", 0.21f, [.. tags.Take(1)]), new RecommendationReason("The Last Reel", 0.08f, [])]);

    private static void Fill(FakeRecommender recommender)
    {
        foreach (var user in new[] { "u1", "u17", "u196", "u942" })
        {
            recommender.Lists[user] = [.. s_films.Select((film, i) => Item(i + 1, film.Title, film.Tags))];
        }
    }
}
