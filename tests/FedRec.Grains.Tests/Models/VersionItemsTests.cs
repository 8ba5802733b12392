using System.Collections.Immutable;
using System.Text.Json.Nodes;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Models;

namespace FedRec.Grains.Tests.Models;

/// <summary>A version is of its items, whatever becomes of the data that it was trained on.</summary>
public sealed class VersionItemsTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.csv");
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("mf", "dims", "8", false)]
    [InlineData("mf", "dims", "8", true)]
    [InlineData("ease", "lambda", "20", true)]
    [InlineData("ncf", "dims", "8", true)]
    public async Task Recommend_RowsInAnotherOrderAndMoreOfThem_IsAsBefore(string learner, string option, string value, bool extended)
    {
        Dictionary<string, string> before;
        Write(new Random(1), extended: false);
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await federation.RunAsync(Request(learner, (option, value)), new DataSpec { Path = _file });
            before = await ListsAsync(federation);
        }

        Write(new Random(2), extended);
        await using var after = await TestFederation.StartAsync(1, _states, _models);

        Assert.Equal(before, await ListsAsync(after));
        var evaluation = (await after.Grains.GetGrain<IEvaluationGrain>("test").EvaluateAsync(1, [10]))!;
        Assert.Equal(extended ? (3, 2) : (0, 0), (evaluation.UnknownItems, evaluation.UnknownHeldOut));
    }

    [Theory]
    [InlineData("mf", "dims", "8")]
    [InlineData("ease", "lambda", "20")]
    public async Task Similar_RowsInAnotherOrderAndMoreOfThem_IsAsBefore(string learner, string option, string value)
    {
        string[] before;
        Write(new Random(1), extended: false);
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await federation.RunAsync(Request(learner, (option, value)), new DataSpec { Path = _file });
            before = await NearAsync(federation);
        }

        Write(new Random(2), extended: true);
        await using var after = await TestFederation.StartAsync(1, _states, _models);
        var later = await after.Grains.GetGrain<IRecommenderGrain>("test").FindSimilarAsync(new SimilarQuery("later1", 5));

        Assert.Equal(before, await NearAsync(after));
        Assert.Equal(RecommendationOutcome.UnknownItem, later.Outcome);
        Assert.Contains("does not know the item 'later1'", later.Reason, StringComparison.Ordinal);
    }

    private static async Task<string[]> NearAsync(TestFederation federation)
    {
        var near = new List<string>();
        for (var item = 0; item < 15; item++)
        {
            var answer = await federation.Grains.GetGrain<IRecommenderGrain>("test").FindSimilarAsync(new SimilarQuery($"i{item}", 50, 1));
            Assert.True(answer.Outcome == RecommendationOutcome.Found, answer.Reason);
            near.Add(string.Join(' ', answer.Items.OrderBy(one => one.Item, StringComparer.Ordinal).Select(one => $"{one.Item}:{one.Score:R}")));
        }

        Assert.Contains(near, list => list.Length > 0);
        return [.. near];
    }

    [Fact]
    public async Task Recommend_FromClientsOwnModelsUnderAnotherCatalogue_KnowsTheVersionsItemsOnly()
    {
        Write(new Random(1), extended: false);
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await federation.RunAsync(Request("mf", ("objective", "logistic")) with { Personalization = new PersonalizationSettings { Method = "fine-tune", Steps = 2 } }, new DataSpec { Path = _file });
        }

        Write(new Random(2), extended: true);
        await using var after = await TestFederation.StartAsync(1, _states, _models);

        Assert.All((await ListsAsync(after)).Values, list => Assert.True(list.Length > 0 && !list.Contains("later", StringComparison.Ordinal), list));
    }

    [Fact]
    public async Task StartRun_FromCountsOfTheSameRowsInAnotherOrder_TakesThemByItem()
    {
        Dictionary<string, string> before;
        Write(new Random(1), extended: false);
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await federation.RunAsync(Request("ease", ("lambda", "20")), new DataSpec { Path = _file });
            before = await ListsAsync(federation);
        }

        Write(new Random(2), extended: false);
        await using var after = await TestFederation.StartAsync(1, _states, _models);
        var warm = await after.RunAsync(Request("ease", ("lambda", "20")) with { WarmStart = 1 }, new DataSpec { Path = _file });
        var afresh = await after.RunAsync(Request("ease", ("lambda", "20")), new DataSpec { Path = _file });

        Assert.Equal((RunPhase.Completed, afresh.Sha256), (warm.Phase, warm.Sha256));
        Assert.Equal(before.Keys, (await ListsAsync(after)).Keys);
    }

    [Fact]
    public async Task StartRun_FromAVersionWithFewerItems_TakesThoseThatItHas()
    {
        Write(new Random(1), extended: false);
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await federation.RunAsync(Request("mf", ("dims", "8")), new DataSpec { Path = _file });
        }

        Write(new Random(2), extended: true);
        await using var after = await TestFederation.StartAsync(1, _states, _models);
        var warm = await after.RunAsync(Request("mf", ("dims", "8")) with { WarmStart = 1 }, new DataSpec { Path = _file });
        var refused = await after.StartRunAsync(Request("mf", ("dims", "4")) with { WarmStart = 1 });

        Assert.Equal(RunPhase.Completed, warm.Phase);
        Assert.Equal(RunOutcome.Invalid, refused.Outcome);
        Assert.Contains("warm-start is 1: item_factors is", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, RecommendationOutcome.Found)]
    [InlineData(true, RecommendationOutcome.DataUnavailable)]
    public async Task Recommend_AVersionOfBeforeVersionsKnewTheirItems_IsTakenByPositionWhereTheNumberIsTheSame(bool extended, RecommendationOutcome expected)
    {
        Write(new Random(1), extended: false);
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await federation.RunAsync(Request("mf", ("dims", "8")), new DataSpec { Path = _file });
        }

        Write(new Random(1), extended);
        await using var after = await TestFederation.StartAsync(1, _states, await WithoutCataloguesAsync());
        var answer = await after.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery("u3", 5, false, 1));

        Assert.Equal(expected, answer.Outcome);
        Assert.Equal(extended, answer.Reason?.Contains("before versions knew their items", StringComparison.Ordinal) ?? false);
    }

    private static RunRequest Request(string learner, (string Name, string Value) option)
    {
        var request = TestFederation.Request(rounds: learner == "ease" ? 0 : 3);
        return request with
        {
            Learner = learner,
            LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add(option.Name, option.Value),
        };
    }

    /// <summary>All that is recommended to each of the first users, by item.</summary>
    private static async Task<Dictionary<string, string>> ListsAsync(TestFederation federation)
    {
        var lists = new Dictionary<string, string>();
        foreach (var user in Enumerable.Range(0, 20).Select(user => $"u{user}"))
        {
            var answer = await federation.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery(user, 50, false, 1));
            Assert.True(answer.Outcome == RecommendationOutcome.Found, answer.Reason);
            lists.Add(user, string.Join(' ', answer.Items.OrderBy(item => item.Item, StringComparer.Ordinal).Select(item => $"{item.Item}:{item.Score:R}")));
        }

        return lists;
    }

    private async Task<MemoryModelStore> WithoutCataloguesAsync()
    {
        var older = new MemoryModelStore();
        for (var version = 1L; await _models.LoadManifestAsync("test", version) is { } file; version++)
        {
            var json = JsonNode.Parse(file.Span)!.AsObject();
            var sha256 = (string)json["sha256"]!;
            Assert.True(json.Remove("catalogueSha256") && json.Remove("learnerOptions") && json.Remove("dataSha256"));
            await older.SaveContentAsync("test", ModelFiles.Tensors, version, sha256, await _models.LoadContentAsync("test", ModelFiles.Tensors, version, sha256));
            await older.SaveManifestAsync("test", version, System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));
        }

        return older;
    }

    /// <summary>Rows of 20 users and 15 items in any order; extended, with users and items that come later among them.</summary>
    private void Write(Random random, bool extended)
    {
        var rows = Enumerable.Range(0, 300).Select(i => (User: $"u{i % 20}", Item: $"i{((i * i) + (i / 7)) % 15}")).Distinct().Select((row, i) => $"{row.User},{row.Item},{(i % 9 == 4 ? "test" : "train")}").ToList();
        if (extended)
        {
            rows.AddRange(["new1,later1,train", "new1,i3,train", "new2,later2,train", "new2,i4,train", "new1,later2,test", "new2,later3,test"]);
        }

        var lines = rows.ToArray();
        random.Shuffle(lines);
        File.WriteAllLines(_file, ["user,item,split", .. lines]);
    }
}
