using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Parties;
using FedRec.Grains.Recommendations;
using FedRec.Grains.RemoteParties;

namespace FedRec.Grains.Tests.RemoteParties;

/// <summary>A party tells its own users what the coordinator would tell the same users of an organisation whose data it keeps.</summary>
public sealed class PartyRecommenderTests
{
    [Theory]
    [InlineData("ease", null)]
    [InlineData("mf", null)]
    [InlineData("mf", "fine-tune")]
    public async Task Recommend_ForEachUser_IsWhatTheServerSaysFromTheSameModel(string learner, string? personalization)
    {
        await using var remote = await RemoteFederation.StartAsync(1);
        await remote.ImportAsync("hosted");
        remote.Work();
        var settings = personalization is null ? null : new PersonalizationSettings { Method = personalization };
        var own = await remote.Cluster.RunAsync(RemoteFederation.Request(learner) with { Personalization = settings });
        var hosted = await remote.Cluster.RunAsync(RemoteFederation.Request(learner, "hosted") with { Personalization = settings });
        Assert.Equal(hosted.Sha256, own.Sha256);
        var server = remote.Cluster.Grains.GetGrain<IRecommenderGrain>("hosted");
        foreach (var party in remote.Parties)
        {
            var (order, catalogue, model) = party.Evaluated!.Value; // the last of a run is of what it publishes
            using var recommender = await PartyRecommender.OpenAsync(TestFederation.Parts, party.Trainer, order, catalogue, model);

            foreach (var user in party.Trainer.Users)
            {
                Same(await server.RecommendAsync(new RecommendationQuery($"{party.Name}/{user}", 10, Explain: true, Version: 0)), recommender.Recommend(party.Trainer, new RecommendationQuery(user, 10, Explain: true, Version: 0)));
            }

            foreach (var item in remote.Rows[party.Name].Select(change => change.Item!).Distinct())
            {
                var (there, here) = (await server.FindSimilarAsync(new SimilarQuery(item, 5)), recommender.FindSimilar(new SimilarQuery(item, 5)));
                Assert.Equal((RecommendationOutcome.Found, there.Title), (here.Outcome, here.Title));
                Assert.Equal(there.Items.Select(near => (near.Rank, near.Item, near.Title, near.Score)), here.Items.Select(near => (near.Rank, near.Item, near.Title, near.Score)));
            }
        }
    }

    [Fact]
    public async Task Recommend_APartOfTheList_OrForNobody_IsThatPartOrNothing()
    {
        await using var remote = await RemoteFederation.StartAsync(1);
        remote.Work();
        await remote.Cluster.RunAsync(RemoteFederation.Request("ease"));
        var party = remote.Parties[0];
        var (order, catalogue, model) = party.Evaluated!.Value;
        using var recommender = await PartyRecommender.OpenAsync(TestFederation.Parts, party.Trainer, order, catalogue, model);
        var user = party.Trainer.Users.First();
        var whole = recommender.Recommend(party.Trainer, new RecommendationQuery(user, 10, Explain: false, Version: 0));

        var page = recommender.Recommend(party.Trainer, new RecommendationQuery(user, 5, Explain: false, Version: 0) { Part = new ListPart { Offset = 5 } });
        var without = recommender.Recommend(party.Trainer, new RecommendationQuery(user, 5, Explain: false, Version: 0) { Part = new ListPart { Exclude = [whole.Items[0].Item] } });

        Assert.Equal(whole.Items.Skip(5).Select(item => item.Item), page.Items.Select(item => item.Item));
        Assert.Equal(whole.Items.Skip(1).Take(5).Select(item => item.Item), without.Items.Select(item => item.Item));
        Assert.Equal(RecommendationOutcome.UnknownUser, recommender.Recommend(party.Trainer, new RecommendationQuery("nobody", 5, Explain: false, Version: 0)).Outcome);
        Assert.Equal(RecommendationOutcome.UnknownItem, recommender.FindSimilar(new SimilarQuery("nothing", 5)).Outcome);
        await Assert.ThrowsAsync<InvalidDataException>(() => PartyRecommender.OpenAsync(TestFederation.Parts, party.Trainer, order, catalogue, model.AsMemory(4)));
    }

    // The weights of ease take n² numbers and the time to solve for them: once, and not once to serve and once to evaluate.
    [Theory]
    [InlineData("ease", true)]
    [InlineData("mf", false)] // nothing to work out
    public async Task Model_ThatIsServedAndEvaluated_IsMadeReadyOnce(string learner, bool isOne)
    {
        await using var remote = await RemoteFederation.StartAsync(1);
        remote.Work();
        await remote.Cluster.RunAsync(RemoteFederation.Request(learner));
        await remote.Stopping.CancelAsync();
        var party = remote.Parties[0];
        var (order, catalogue, model) = party.Evaluated!.Value;
        using var again = new RemoteTrainer(TestFederation.Parts, remote.Rows[party.Name]);
        using var run = RemoteTrainer.ContextOf(TestFederation.Parts, order, again.CatalogueOf(catalogue), new NobodysData());
        var first = again.Models.Get(run, order, model);
        Assert.NotEqual(true, first.Derived?.IsReady);

        var sums = await again.EvaluateAsync(order, catalogue, model);
        Assert.Equal(isOne ? true : null, first.Derived?.IsReady); // by the evaluation
        using var more = again.With([]);
        using var recommender = await PartyRecommender.OpenAsync(TestFederation.Parts, more, order, catalogue, model);

        Assert.Equal(isOne, ReferenceEquals(first, more.Models.Get(run, order, model)));
        Assert.NotSame(first, more.Models.Get(run, order with { ConfigSha256 = new string('0', 64) }, model));
        Assert.Throws<InvalidDataException>(() => again.Models.Get(run, order, model.AsSpan(4)));
        Assert.Equal(await party.Trainer.EvaluateAsync(order, catalogue, model), sums);
        GC.KeepAlive(first);
    }

    private sealed class NobodysData : IPartyData
    {
        public ValueTask<PartyHoldings> OpenAsync(int client, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private static void Same(RecommendationAnswer there, RecommendationAnswer here)
    {
        Assert.Equal((RecommendationOutcome.Found, 10), (there.Outcome, there.Items.Length));
        Assert.Equal(there.Outcome, here.Outcome);
        Assert.Equal(there.Items.Select(Words), here.Items.Select(Words));
    }

    // Every bit of it: the same code on the same bytes.
    private static string Words(RecommendedItem item) =>
        $"{item.Rank} {item.Item} {item.Title} {BitConverter.SingleToInt32Bits(item.Score)} {string.Join(';', item.Reasons.Select(reason => $"{reason.Title} {BitConverter.SingleToInt32Bits(reason.Part)} {BitConverter.SingleToInt32Bits(reason.Share)}"))}";
}
