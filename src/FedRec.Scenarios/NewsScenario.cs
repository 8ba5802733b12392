using FedRec.Core.Data;
using FedRec.Core.Data.Times;
using FedRec.Core.Randomness;

namespace FedRec.Scenarios;

/// <summary>Newspapers: articles live for three days, readers like topics, and what is new is read first.</summary>
/// <remarks>Split by time, not by reader: everything before the last twelve hours is for training, and each reader's first article after that is to be
/// found among the articles that are live at that moment. So nobody learns from later days.</remarks>
internal static class NewsScenario
{
    private const int Readers = 600, Topics = 12, Articles = 900, Days = 20, ReadsOfReader = 30;
    private const long Hour = 3_600, TimeToLive = 72 * Hour, HalfLife = 12 * Hour, TestWindow = 12 * Hour;
    private const double RecencyWeight = 1;
    private static readonly string[] s_papers = ["city paper", "evening post", "morning herald"];

    private static readonly string[] s_topics =
        ["football", "elections", "technology", "climate", "markets", "film", "health", "travel", "science", "music", "courts", "food"];

    public static Dataset Open(DatasetOptions options) =>
        options.Path is null ? MakeUp(options) : Timely(DatasetSource.Open(options with { Scenario = null }));

    // Of real data only the reads are known: an article counts as published when it is first read.
    private static Dataset Timely(Dataset data)
    {
        var published = Enumerable.Repeat(long.MaxValue, data.Items.Count).ToArray();
        var newest = long.MinValue;
        foreach (var split in data.Splits)
        {
            for (var user = 0; user < split.UserCount; user++)
            {
                var items = split.Items(user);
                var times = split.Timestamps(user);
                for (var i = 0; i < items.Length; i++)
                {
                    if (times.IsEmpty)
                    {
                        throw new DatasetException("News need times, but the data has none.", "Add a timestamp column to the interactions.", data.Name);
                    }

                    (published[items[i]], newest) = (Math.Min(published[items[i]], times[i]), Math.Max(newest, times[i]));
                }
            }
        }

        var lifetimes = new ItemLifetimes(published, TimeToLive * data.TimeUnit.PerSecond(), HalfLife * data.TimeUnit.PerSecond(), RecencyWeight, newest);
        return data.WithCatalogue(data.Catalogue with { Lifetimes = lifetimes }) with
        {
            Parties = data.Parties ?? Dealt(data.Users.Count),
            Protocol = $"{data.Protocol}; only what is live at that moment, three days from its first reading, newer ones favoured",
        };
    }

    // Where nobody says whose readers they are, they are dealt in turn.
    private static UserParties Dealt(int readers)
    {
        var papers = s_papers.Take(readers).ToArray();
        return new UserParties(papers, [.. Enumerable.Range(0, readers).Select(reader => reader % papers.Length)]);
    }

    private static Dataset MakeUp(DatasetOptions options)
    {
        var (rows, seed) = (new GeneratedInteractions("news (made up)"), options.SyntheticSeed);
        var random = SeedSequence.For(seed, "news-articles");
        var articles = new (int Topic, long Published)[Articles];
        for (var a = 0; a < Articles; a++)
        {
            articles[a] = (a % Topics, (long)(a * (Days * 24.0 * Hour) / Articles) + random.NextInt32((int)Hour));
            rows.Describe(Id(a), $"{Capital(s_topics[a % Topics])}, day {(articles[a].Published / (24 * Hour)) + 1}, no. {a + 1}", [s_topics[a % Topics]]);
        }

        for (var reader = 0; reader < Readers; reader++)
        {
            AddReader(rows, articles, reader, SeedSequence.For(seed, "news-reader", reader));
        }

        var end = (Days * 24 * Hour) - 1;
        return rows.ToDataset(options, (catalogue, items) => catalogue with
        {
            Lifetimes = new ItemLifetimes([.. Enumerable.Range(0, items.Count).Select(item => articles[NumberOf(items[item])].Published)], TimeToLive, HalfLife, RecencyWeight, end),
        },
        "everything before the last twelve hours for training, each reader's first article after that held out, the articles live at that moment ranked, newer ones favoured, ties averaged");
    }

    private static void AddReader(GeneratedInteractions rows, (int Topic, long Published)[] articles, int reader, SeededRandom random)
    {
        var (cut, id) = ((Days * 24 * Hour) - TestWindow, $"reader-{reader + 1}");
        var (favourite, second) = (random.NextInt32(Topics), random.NextInt32(Topics));
        var times = Enumerable.Range(0, ReadsOfReader).Select(_ => (long)(random.NextDouble() * cut)).Append(cut + random.NextInt32((int)TestWindow)).Order().ToArray();
        var read = new HashSet<int>();
        foreach (var time in times)
        {
            var article = Draw(articles, time, (favourite, second), read, ref random);
            if (article >= 0 && read.Add(article))
            {
                rows.Add(id, Id(article), time, party: s_papers[reader % s_papers.Length], isHeldOut: time >= cut);
            }
        }
    }

    // Of the live articles: the favourite topics far more often, and what is new more often.
    private static int Draw((int Topic, long Published)[] articles, long time, (int First, int Second) likes, HashSet<int> read, ref SeededRandom random)
    {
        var live = Enumerable.Range(0, articles.Length)
            .Where(a => articles[a].Published <= time && time < articles[a].Published + TimeToLive && !read.Contains(a)).ToArray();
        return live.Length == 0 ? -1 : new WeightedItems(live, [.. Enumerable.Range(0, articles.Length).Select(a => WeightOf(articles[a], time, likes))]).Draw(ref random);
    }

    private static double WeightOf((int Topic, long Published) article, long time, (int First, int Second) likes)
    {
        var liking = article.Topic == likes.First ? 20 : article.Topic == likes.Second ? 10 : 1;
        return liking * Math.Pow(2, -Math.Max(0, time - article.Published) / (double)HalfLife) * (1 + (article.Published % 3));
    }

    private static string Id(int article) => $"a{article + 1}";

    private static int NumberOf(string id) => int.Parse(id.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture) - 1;

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
