using System.Collections.Immutable;
using FedRec.Contracts.Recommendations;
using FedRec.Core.Data;
using FedRec.Grains.Tests.Messages;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Recommendations;

/// <summary>A page, a filtered list and a list without some items are what one gets of the whole list, for a user, for items of a request and for
/// somebody of whom nothing is known.</summary>
public sealed class ListPartTests(ListPartTests.Fixture fixture) : IClassFixture<ListPartTests.Fixture>
{
    private readonly Dataset _data = fixture.Data;

    public static TheoryData<string> Askers { get; } = ["a user", "items", "nobody", "nothing"];

    [Theory]
    [MemberData(nameof(Askers))]
    public async Task Page_AtAnyOffset_IsTheSliceOfTheWholeListToTheLastByte(string asker)
    {
        var whole = (await AskAsync(asker, 1_000)).Items;

        Assert.InRange(whole.Length, 20, 50);
        foreach (var (offset, count) in new[] { (0, 1), (1, 1), (7, 5), (0, whole.Length), (whole.Length - 1, 1), (whole.Length - 3, 20), (whole.Length, 3), (9_000, 1_000) })
        {
            var page = await AskAsync(asker, count, new ListPart { Offset = offset });

            Assert.Equal(Text(whole.Skip(offset).Take(count)), Text(page.Items));
            Assert.True(page.HasList());
        }
    }

    [Theory]
    [MemberData(nameof(Askers))]
    public async Task Exclude_AnyItems_LeavesAllOthersInTheirOrder(string asker)
    {
        var (whole, random) = ((await AskAsync(asker, 1_000)).Items, new Random(4));
        foreach (var share in new[] { .1, .5, 1 })
        {
            string[] excluded = [.. Enumerable.Range(0, _data.Items.Count).Where(_ => random.NextDouble() < share).Select(item => _data.Items[item])];

            var left = await AskAsync(asker, 1_000, new ListPart { Exclude = [.. excluded, excluded[0]] });

            Assert.Equal(Text(Ranked(whole.Where(item => !excluded.Contains(item.Item)))), Text(left.Items));
            Assert.True(left.HasList());
        }
    }

    [Theory]
    [MemberData(nameof(Askers))]
    public async Task Tags_AnyOfThem_AreAFilterOfTheWholeList_AndPagesGoOnInIt(string asker)
    {
        var whole = (await AskAsync(asker, 1_000)).Items;
        string[] tags = [.. whole.SelectMany(item => item.Tags).Distinct().Order(StringComparer.Ordinal).Take(3)];
        Assert.Equal(3, tags.Length);
        var excluded = whole[0].Item;
        foreach (var wanted in new[] { tags[..1], tags[1..] })
        {
            var expected = Ranked(whole.Where(item => item.Item != excluded && item.Tags.Intersect(wanted).Any()));
            var part = new ListPart { Tags = [.. wanted], Exclude = [excluded] };

            var filtered = await AskAsync(asker, 1_000, part);
            var second = await AskAsync(asker, 2, part with { Offset = 2 });

            Assert.InRange(filtered.Items.Length, 3, whole.Length - (wanted.Length == 1 ? 2 : 1)); // the second page is not empty
            Assert.Equal(Text(expected), Text(filtered.Items));
            Assert.Equal(Text(expected.Skip(2).Take(2)), Text(second.Items));
        }
    }

    [Theory]
    [MemberData(nameof(Askers))]
    public async Task Part_OfWhatIsNotThere_IsRefusedByName(string asker)
    {
        var tag = _data.Catalogue.Tags.First(tags => tags.Count > 0)[0];

        var item = await AskAsync(asker, 5, new ListPart { Exclude = [_data.Items[0], "nothing"] });
        var unknown = await AskAsync(asker, 5, new ListPart { Tags = [tag, tag.ToUpperInvariant()] });

        Assert.Equal((RecommendationOutcome.UnknownItem, "There is no item 'nothing' to exclude in the catalogue of version 1."), (item.Outcome, item.Reason));
        Assert.Equal(RecommendationOutcome.UnknownTag, unknown.Outcome);
        Assert.StartsWith($"No item in the catalogue of version 1 has the tag '{tag.ToUpperInvariant()}'. Some of its ", unknown.Reason, StringComparison.Ordinal);
        Assert.Contains($"tags: '{tag}'", unknown.Reason, StringComparison.Ordinal); // first, since only letters differ
        Assert.False(item.HasList() || unknown.HasList());
    }

    [Fact]
    public async Task Part_BeyondItsLimits_Throws()
    {
        ListPart[] parts =
        [
            new() { Offset = -1 }, new() { Offset = 9_996 }, new() { Offset = int.MaxValue },
            new() { Exclude = [.. Enumerable.Repeat("i1", 10_001)] }, new() { Tags = [.. Enumerable.Repeat("space", 101)] },
        ];

        foreach (var part in parts)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => AskAsync("a user", 5, part));
        }

        Assert.Empty((await AskAsync("a user", 5, new ListPart { Offset = 9_995 })).Items);
    }

    private Task<RecommendationAnswer> AskAsync(string asker, int count, ListPart? part = null)
    {
        var user = asker switch { "a user" => _data.Users[3], "nobody" => "nobody", _ => "" };
        ImmutableArray<MetItem> items = asker == "items" ? [.. _data.Train.Items(5).ToArray().Select(item => new MetItem(_data.Items[item]))] : [];
        return fixture.Federation.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery(user, count, Explain: true, 0) { Items = items, Part = part });
    }

    private static IEnumerable<RecommendedItem> Ranked(IEnumerable<RecommendedItem> items) => items.Select((item, i) => item with { Rank = i + 1 });

    private static string Text(IEnumerable<RecommendedItem> items) => MessageGraph.Text(items.ToArray());

    public sealed class Fixture : IAsyncLifetime
    {
        internal TestFederation Federation { get; private set; } = null!;

        public Dataset Data { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Federation = await TestFederation.StartAsync(1);
            var status = await Federation.RunAsync(TestFederation.Request(rounds: 1));
            Data = (await Federation.Cluster.Silos[0].ServiceProvider.GetRequiredService<RunCache>().GetAsync($"test/{status.RunId}", CancellationToken.None)).Simulated!.Dataset;
        }

        public async Task DisposeAsync() => await Federation.DisposeAsync();
    }
}
