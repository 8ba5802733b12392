using System.Collections.Immutable;
using System.Text;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Snapshots;
using FedRec.Grains.Parties;
using FedRec.Grains.Rounds;
using FedRec.Grains.Tests.Recommendations;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace FedRec.Grains.Tests.Parties;

/// <summary>The catalogue is write-once content and what points at it; runs name the version that they learn, and know it again.</summary>
public sealed class CatalogueTests
{
    private static readonly ImmutableArray<CatalogueItem> s_items =
        [.. Enumerable.Range(0, (2 * ICatalogueGrain.SegmentSize) + 30).Select(i => new CatalogueItem($"i{i * 7 % 10_007}", $"Title {i}", ["tag"]))];

    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Fact]
    public async Task Add_MoreItemsThanASegment_NumbersInOrderAndForGood()
    {
        await using (var federation = await TestFederation.StartAsync(1, _states))
        {
            var catalogue = Catalogue(federation);
            Assert.Equal(10, await catalogue.AddAsync(s_items[..10]));
            Assert.Equal(s_items.Length, await catalogue.AddAsync([.. s_items, s_items[3], s_items[3] with { Title = null, Tags = [] }]));
        }

        await using var again = await TestFederation.StartAsync(1, _states);
        var pointer = await Catalogue(again).ReadAsync();

        Assert.Equal((s_items.Length, 2, 30), (await Catalogue(again).CountAsync(), pointer.Items.Segments.Length, pointer.Items.Tail.Length));
        Assert.Equal(Texts(s_items), Texts(await ItemsAsync(again)));
        Assert.Equal(pointer.Items.Segments.Order(), _states.Catalogues.Keys.Select(key => key.Sha256).Order());
    }

    [Fact]
    public async Task Add_CutOffBeforeThePointerAndRepeated_EndsAsIfItHadNotBeen()
    {
        await using var federation = await TestFederation.StartAsync(1, _states);
        await Catalogue(federation).AddAsync(s_items[..10]);
        _states.FailWritesOf = "catalogue";
        await Assert.ThrowsAnyAsync<Exception>(() => Catalogue(federation).AddAsync(s_items));
        _states.FailWritesOf = null;

        var before = await Catalogue(federation).CountAsync();
        await Catalogue(federation).AddAsync(s_items);

        Assert.Equal(10, before);
        Assert.Equal(2, _states.Catalogues.Keys.Count);
        Assert.Equal(Texts(s_items), Texts(await ItemsAsync(federation)));
    }

    [Fact]
    public async Task Read_OfAFederationThatAnOlderProgramStored_GivesTheSameNumbersAndGoesOn()
    {
        await using (var older = await TestFederation.StartAsync(1, _states))
        {
            var storage = _states.For(older.Cluster.Silos[0].ServiceProvider.GetRequiredService<Serializer>());
            foreach (var (part, number) in s_items[..^20].Chunk(ICatalogueGrain.SegmentSize).Select((part, number) => (part, number)))
            {
                await storage.WriteStateAsync($"catalogue-{number}", Catalogue(older).GetGrainId(), new GrainState<CatalogueSegment>(new CatalogueSegment { Items = [.. part] }));
            }
        }

        await using (var federation = await TestFederation.StartAsync(1, _states))
        {
            Assert.Equal(s_items.Length - 20, await Catalogue(federation).CountAsync());
            Assert.Equal(s_items.Length, await Catalogue(federation).AddAsync(s_items));
        }

        await using var again = await TestFederation.StartAsync(1, _states);
        Assert.Equal(Texts(s_items), Texts(await ItemsAsync(again)));
    }

    [Fact]
    public async Task Read_WhereASegmentIsGone_SaysWhichAndWhatToDo()
    {
        await using (var federation = await TestFederation.StartAsync(1, _states))
        {
            await Catalogue(federation).AddAsync(s_items);
        }

        await using var lost = await TestFederation.StartAsync(1, _states, configure: silo => silo.Services.AddSingleton<ICatalogueStore>(new MemoryCatalogueStore()));
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => Catalogue(lost).CountAsync());

        Assert.Contains("The catalogue of own cannot be read: Federation 'own' has no catalogue segment with SHA-256", failure.ToString(), StringComparison.Ordinal);
        Assert.Contains("Restore it from a backup", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NamesItsCatalogue_AndIsNotServedWithAnother()
    {
        using var rows = new HostedRows(users: 30, items: 20);
        RunStatus status;
        await using (var federation = await TestFederation.StartAsync(1, _states, _models))
        {
            await HostedFederationTests.ImportAsync(federation, "own", rows.Changes);
            status = await federation.RunAsync(HostedFederationTests.Request("own", "mf"));
            await Catalogue(federation).AddAsync([new CatalogueItem("later", null, [])]); // a later version begins with the same items
            Assert.NotNull(await federation.Grains.GetGrain<IEvaluationGrain>("own").EvaluateAsync(1, [10]));
            _states.Change<CatalogueState>("catalogue", Catalogue(federation).GetGrainId().ToString(), federation.Serializer, state => state with
            {
                Pointer = state.Pointer with { Items = state.Pointer.Items with { Tail = state.Pointer.Items.Tail.SetItem(3, state.Pointer.Items.Tail[3] with { Tags = ["another"] }) } },
            });
        }

        await using var changed = await TestFederation.StartAsync(1, _states, _models);
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => changed.Grains.GetGrain<IEvaluationGrain>("own").EvaluateAsync(1, [10]));

        Assert.Equal((20, 64), (status.Source.Hosted!.Items, status.Source.Hosted.CatalogueSha256.Length));
        Assert.Contains($"not {status.Source.Hosted.CatalogueSha256} as when the run started", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Plan_OfARound_NamesTheCatalogueOfTheVersionThatComesOfIt(bool hosted)
    {
        using var rows = new HostedRows(users: 30, items: 20);
        await using var federation = await TestFederation.StartAsync(1, _states, _models);
        if (hosted)
        {
            await HostedFederationTests.ImportAsync(federation, "own", rows.Changes);
            await Catalogue(federation).AddAsync([new CatalogueItem(rows.Changes[0].Item!, "Another title", [])]);
        }

        var status = await federation.RunAsync(HostedFederationTests.Request("own", "mf"), hosted ? null : new DataSpec { Path = rows.FilePath });

        var round = federation.Grains.GetGrain<IRoundGrain>("own/run-1/1").GetGrainId().ToString();
        var planned = _states.Read<RoundState>("round", round, federation.Serializer).Order!.Catalogue;
        var manifest = await HostedFederationTests.ManifestAsync(federation, "own");
        Assert.Equal(new CatalogueVersion(status.Items, hosted ? 1 : 0, manifest.CatalogueSha256), planned);
        Assert.Equal((20, 64), (status.Items, manifest.CatalogueSha256.Length));
    }

    [Fact]
    public async Task Add_AKnownItemWithAnotherTitle_IsShownWithinASecondAndExplainsWhatWasTrainedStill()
    {
        using var rows = new HostedRows(users: 30, items: 20);
        var time = new SkippingTime();
        await using (var federation = await TestFederation.StartAsync(2, _states, _models, silo => silo.Services.AddSingleton<TimeProvider>(time)))
        {
            await Catalogue(federation).AddAsync([.. rows.Changes.Select(change => change.Item!).Distinct().Select(item => new CatalogueItem(item, $"Old {item}", ["old"]))]);
            await HostedFederationTests.ImportAsync(federation, "own", rows.Changes);
            var first = await federation.RunAsync(HostedFederationTests.Request("own", "ease"));
            Assert.All((await ListAsync(federation)).Items, item => Assert.Equal(($"Old {item.Item}", "old"), (item.Title, Assert.Single(item.Tags))));

            await Catalogue(federation).AddAsync([.. rows.Changes.Select(change => change.Item!).Distinct().Select(item => new CatalogueItem(item, $"New {item}", ["new"]))]);
            await Catalogue(federation).AddAsync([.. rows.Changes.Select(change => new CatalogueItem(change.Item!, null, [])), new CatalogueItem(rows.Changes[0].Item!, rows.Changes[0].Item, [])]); // says nothing
            var second = await federation.RunAsync(HostedFederationTests.Request("own", "ease") with { Seed = 2, Promote = FedRec.Contracts.Models.PromotionPolicy.Never });

            Assert.Equal((20, 20), (await Catalogue(federation).CountAsync(), await Catalogue(federation).CountCorrectionsAsync()));
            Assert.Equal((0, 20), (first.Source.Hosted!.Corrections, second.Source.Hosted!.Corrections));
            Assert.NotEqual(first.Source.Hosted.CatalogueSha256, second.Source.Hosted.CatalogueSha256);
            time.Skip(TimeSpan.FromSeconds(1));
            AssertNew(await ListAsync(federation));
        }

        await using var again = await TestFederation.StartAsync(1, _states, _models); // reads the first run with what it learned from
        AssertNew(await ListAsync(again));
        Assert.NotNull(await again.Grains.GetGrain<IEvaluationGrain>("own").EvaluateAsync(1, [10]));
        var near = await again.Grains.GetGrain<IRecommenderGrain>("own").FindSimilarAsync(new SimilarQuery(rows.Changes[0].Item!, 5));
        Assert.Equal($"New {rows.Changes[0].Item}", near.Title);

        static void AssertNew(RecommendationAnswer answer)
        {
            Assert.Equal((RecommendationOutcome.Found, 1L), (answer.Outcome, answer.Version));
            Assert.All(answer.Items, item => Assert.Equal(($"New {item.Item}", "new"), (item.Title, Assert.Single(item.Tags))));
            Assert.All(answer.Items.SelectMany(item => item.Reasons), reason => Assert.StartsWith("New ", reason.Title, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Recommend_ManyTimesAtOnce_AsksForCorrectionsOnce()
    {
        using var rows = new HostedRows(users: 30, items: 20);
        var (time, asked) = (new StandingTime(), 0);
        await using var federation = await TestFederation.StartAsync(1, _states, _models, silo => silo.Services.AddSingleton<TimeProvider>(time));
        await HostedFederationTests.ImportAsync(federation, "own", rows.Changes);
        await federation.RunAsync(HostedFederationTests.Request("own", "ease"));
        federation.Gate.After = call => asked += call.MethodName == nameof(ICatalogueGrain.CountCorrectionsAsync) ? 1 : 0;

        foreach (var expected in new[] { 1, 2 })
        {
            time.Now += TimeProvider.System.TimestampFrequency; // a second
            for (var i = 0; i < 20; i++)
            {
                await ListAsync(federation);
            }

            Assert.Equal(expected, asked);
        }
    }

    private sealed class StandingTime : TimeProvider
    {
        public long Now { get; set; }

        public override long GetTimestamp() => Now;
    }

    [Fact]
    public void Segment_AsAFile_IsReadAndWrittenAsEver()
    {
        ImmutableArray<CatalogueItem> items = [new("i3", "Solaris", ["space", "sea"]), new("ü/4", null, [])];
        const string stored = """[{"id":"i3","title":"Solaris","tags":["space","sea"]},{"id":"\u00FC/4","title":null,"tags":[]}]""";

        Assert.Equal(stored, Encoding.UTF8.GetString(CatalogueSegments.Write(items)));
        Assert.Equal(Texts(items), Texts(CatalogueSegments.Read(Encoding.UTF8.GetBytes(stored))));
    }

    private static Task<RecommendationAnswer> ListAsync(TestFederation federation) =>
        federation.Grains.GetGrain<IRecommenderGrain>("own").RecommendAsync(new RecommendationQuery("u1", 5, Explain: true, 0));

    private static ICatalogueGrain Catalogue(TestFederation federation) => federation.Grains.GetGrain<ICatalogueGrain>("own");

    private static IEnumerable<string> Texts(IEnumerable<CatalogueItem> items) => items.Select(item => $"{item.Id} {item.Title} {string.Join(',', item.Tags)}");

    private async Task<ImmutableArray<CatalogueItem>> ItemsAsync(TestFederation federation)
    {
        return await new CatalogueSegments(_states.Catalogues).LoadAsync("own", (await Catalogue(federation).ReadAsync()).Items);
    }
}
