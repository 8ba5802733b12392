using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Learners;
using FedRec.Grains.Models;
using FedRec.Grains.Tests.Messages;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Recommendations;

public class RecommenderGrainTests
{
    [Fact]
    public async Task Recommend_BeforeThereIsAModel_SaysSo()
    {
        await using var federation = await TestFederation.StartAsync(1);

        var answer = await Recommender(federation).RecommendAsync(new RecommendationQuery("u1", 5, false, 0));

        Assert.Equal((RecommendationOutcome.NoModel, 0L), (answer.Outcome, answer.Version));
        Assert.Empty(answer.Items);
        Assert.Empty(await Recommender(federation).ListUsersAsync(0, 10));
    }

    [Fact]
    public async Task Recommend_UnknownUserOrVersion_SaysSo()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        var user = (await Recommender(federation).ListUsersAsync(0, 1))[0];

        var unknownUser = await Recommender(federation).RecommendAsync(new RecommendationQuery("nobody", 5, false, 0));
        var unknownVersion = await Recommender(federation).RecommendAsync(new RecommendationQuery(user, 5, false, 9));

        Assert.Equal((RecommendationOutcome.UnknownUser, 1L), (unknownUser.Outcome, unknownUser.Version));
        Assert.Equal((RecommendationOutcome.NoModel, 9L), (unknownVersion.Outcome, unknownVersion.Version));
        Assert.Empty(unknownVersion.Items);
    }

    [Theory]
    [InlineData("nobody", "There is no user 'nobody' in the data of version 1: these are the items that most users have met")]
    [InlineData("", "Nothing is known of this user: these are the items that most users have met")]
    public async Task Recommend_UnknownUser_GetsWhatMostUsersHaveMetAndTheReasonWhy(string user, string expected)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var (run, _) = await LoadAsync(federation, await federation.RunAsync(TestFederation.Request(rounds: 1)));
        var train = run.Simulated!.Dataset.Train;
        var met = Enumerable.Range(0, run.Simulated!.Dataset.Items.Count).Select(item => (Item: item, Users: Enumerable.Range(0, train.UserCount).Count(u => train.Items(u).Contains(item))));

        var answer = await Recommender(federation).RecommendAsync(new RecommendationQuery(user, 5, Explain: true, 0));

        Assert.Equal(RecommendationOutcome.UnknownUser, answer.Outcome);
        Assert.StartsWith(expected, answer.Reason, StringComparison.Ordinal);
        Assert.Equal(
            met.OrderByDescending(one => one.Users).ThenBy(one => one.Item).Take(5).Select(one => (run.Simulated!.Dataset.Items[one.Item], (float)one.Users)),
            answer.Items.Select(item => (item.Item, item.Score)));
        Assert.All(answer.Items, item => Assert.Empty(item.Reasons));
    }

    [Theory]
    [InlineData("mf", "objective", "least-squares")]
    [InlineData("ease", "lambda", "1")]
    [InlineData("ncf", "dims", "4")]
    public async Task Recommend_WithReasons_SharesOfOneItemNeverExceedTheWhole(string learner, string option, string value)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request(rounds: learner == "ease" ? 1 : 2) with { Learner = learner, LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add(option, value) };
        await federation.RunAsync(request);
        var lists = new List<RecommendedItem>();

        foreach (var user in await Recommender(federation).ListUsersAsync(0, 60))
        {
            lists.AddRange((await Recommender(federation).RecommendAsync(new RecommendationQuery(user, 50, Explain: true, 0))).Items);
        }

        Assert.Contains(lists, item => item.Reasons.Sum(reason => reason.Part) > item.Score); // a share of the score would exceed 100 %
        Assert.All(lists.SelectMany(item => item.Reasons), reason => Assert.InRange(reason.Share, float.Epsilon, 1));
        Assert.All(lists, item => Assert.InRange(item.Reasons.Sum(reason => reason.Share), 0, 1 + 1e-6f));
    }

    [Theory]
    [InlineData("least-squares")]
    [InlineData("mse")]
    public async Task Recommend_ItemsOfSomebodyUnknown_GivesWhatAUserWithThatHistoryGets(string objective)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request(rounds: 2);
        var status = await federation.RunAsync(request with { LearnerOptions = request.LearnerOptions.Add("objective", objective) });
        var (run, _) = await LoadAsync(federation, status);
        var (items, ratings) = (run.Simulated!.Dataset.Train.Items(3).ToArray(), run.Simulated!.Dataset.Train.Ratings(3).ToArray());
        var asked = new RecommendationQuery(run.Simulated!.Dataset.Users[3], 10, Explain: true, 0);

        var known = await Recommender(federation).RecommendAsync(asked);
        var unknown = await Recommender(federation).RecommendAsync(
            new RecommendationQuery("", 10, Explain: true, 0)
            {
                Items = [.. items.Zip(ratings, run.Simulated!.Dataset.Train.Timestamps(3).ToArray()).OrderBy(met => met.Third).Select(met => new MetItem(run.Simulated!.Dataset.Items[met.First], met.Second))],
            });

        Assert.Equal(RecommendationOutcome.Found, unknown.Outcome);
        Assert.Equal(MessageGraph.Text(known), MessageGraph.Text(unknown));
    }

    [Fact]
    public async Task Recommend_ItemsThatCannotBeUsed_SaysWhich()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var (run, _) = await LoadAsync(federation, await federation.RunAsync(TestFederation.Request(rounds: 1)));
        RecommendationQuery With(params MetItem[] items) => new("", 5, false, 0) { Items = [.. items] };
        var known = run.Simulated!.Dataset.Items[0];

        var unknown = await Recommender(federation).RecommendAsync(With(new MetItem(known), new MetItem("nothing")));
        var mixed = await Assert.ThrowsAsync<ArgumentException>(() => Recommender(federation).RecommendAsync(With(new MetItem(known), new MetItem(run.Simulated!.Dataset.Items[1], 3))));
        var bad = await Assert.ThrowsAsync<ArgumentException>(() => Recommender(federation).RecommendAsync(With(new MetItem(known, float.NaN))));

        Assert.Equal((RecommendationOutcome.UnknownItem, "There is no item 'nothing' in the catalogue of version 1."), (unknown.Outcome, unknown.Reason));
        Assert.Contains("give all of them one, or none", mixed.Message, StringComparison.Ordinal);
        Assert.Contains($"rating of item {known} is not a number", bad.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_001)]
    public async Task Recommend_CountOutOfRange_Throws(int count)
    {
        await using var federation = await TestFederation.StartAsync(1);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Recommender(federation).RecommendAsync(new RecommendationQuery("u1", count, false, 0)));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 3)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    public async Task Recommend_EveryUser_GetsTheBestOfTheirOwnUnseenItems(int parties, short silos)
    {
        await using var federation = await TestFederation.StartAsync(silos);
        var request = TestFederation.Request(rounds: 2);
        var status = await federation.RunAsync(request, TestFederation.Data with { Parties = parties });
        var (run, model) = await LoadAsync(federation, status);

        for (var user = 0; user < run.Simulated!.Dataset.Users.Count; user++)
        {
            var answer = await Recommender(federation).RecommendAsync(new RecommendationQuery(run.Simulated!.Dataset.Users[user], 1_000, false, 0));

            var history = run.Simulated!.Dataset.Train.Items(user).ToArray();
            var expected = Best(run, model, user);
            Assert.Equal((RecommendationOutcome.Found, status.Version), (answer.Outcome, answer.Version));
            Assert.Equal(expected.Select(item => run.Simulated!.Dataset.Items[item.Item]), answer.Items.Select(item => item.Item));
            Assert.Equal(expected.Select(item => item.Score), answer.Items.Select(item => item.Score));
            Assert.Equal(run.Simulated!.Dataset.Items.Count - history.Length, answer.Items.Length); // all the others, and none of the user's own
            Assert.Empty(history.Select(item => run.Simulated!.Dataset.Items[item]).Intersect(answer.Items.Select(item => item.Item)));
            Assert.Equal(Enumerable.Range(1, answer.Items.Length), answer.Items.Select(item => item.Rank));
        }
    }

    [Theory]
    [InlineData("least-squares")]
    [InlineData("logistic")]
    public async Task Recommend_WithReasons_NamesOwnItemsWhosePartsAddUpToTheScore(string objective)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request();
        var status = await federation.RunAsync(request with { LearnerOptions = request.LearnerOptions.Add("objective", objective) });
        var (run, model) = await LoadAsync(federation, status);
        const int User = 5;
        var history = run.Simulated!.Dataset.Train.Items(User).ToArray();

        var answer = await Recommender(federation).RecommendAsync(new RecommendationQuery(run.Simulated!.Dataset.Users[User], 10, Explain: true, 0));

        foreach (var item in answer.Items)
        {
            var parts = Explain(run, model, User, item.Item);
            var expected = history.Zip(parts, (own, part) => (Title: run.Simulated!.Dataset.Catalogue.Titles[own], Part: part))
                .Where(reason => reason.Part > 0).OrderByDescending(reason => reason.Part).Take(3);
            Assert.Equal(expected, item.Reasons.Select(reason => (reason.Title, reason.Part)));
            Assert.Equal(item.Score, parts.Sum(), 1e-4 * (1 + parts.Sum(Math.Abs)));
        }

        Assert.Contains(answer.Items, item => item.Reasons.Length > 0);
    }

    [Fact]
    public async Task Recommend_WithoutReasons_NamesNoItemOfTheUser()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        var user = (await Recommender(federation).ListUsersAsync(0, 1))[0];

        var answer = await Recommender(federation).RecommendAsync(new RecommendationQuery(user, 10, Explain: false, 0));

        Assert.All(answer.Items, item => Assert.Empty(item.Reasons));
    }

    [Fact]
    public async Task Recommend_AfterAPromotion_FollowsWithinASecond()
    {
        var time = new SkippingTime();
        await using var federation = await TestFederation.StartAsync(2, configure: silo => silo.Services.AddSingleton<TimeProvider>(time));
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        await federation.RunAsync(TestFederation.Request(rounds: 2));
        var model = federation.Grains.GetGrain<IModelGrain>("test");
        var user = (await Recommender(federation).ListUsersAsync(0, 1))[0];
        var served = new List<long>();

        foreach (var change in new Func<Task>[] { () => Task.CompletedTask, () => model.PromoteAsync(1), () => model.RollbackAsync() })
        {
            await change();
            time.Skip(TimeSpan.FromSeconds(1));
            served.Add((await Recommender(federation).RecommendAsync(new RecommendationQuery(user, 3, false, 0))).Version);
        }

        Assert.Equal([2, 1, 2], served);
    }

    [Fact]
    public async Task FindUsers_ByBeginning_GivesThoseInOrderAndNoMoreThanAskedFor()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(TestFederation.Request(rounds: 1));
        var all = await Recommender(federation).ListUsersAsync(0, 1_000);
        var prefix = all[^1][..^1];

        var found = await Recommender(federation).FindUsersAsync(prefix, 1_000);

        Assert.Equal(60, all.Length);
        Assert.Equal(all.Where(id => id.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)), found);
        Assert.Equal(all.Take(2), await Recommender(federation).FindUsersAsync("", 2));
        Assert.Equal(all.Skip(58), await Recommender(federation).ListUsersAsync(58, 10));
    }

    private static IRecommenderGrain Recommender(TestFederation federation) => federation.Grains.GetGrain<IRecommenderGrain>("test");

    private static async Task<(RunContext Run, PreparedModel Model)> LoadAsync(TestFederation federation, RunStatus status)
    {
        var services = federation.Cluster.Silos[0].ServiceProvider;
        var run = await services.GetRequiredService<RunCache>().GetAsync($"test/{status.RunId}", CancellationToken.None);
        var reference = new ModelReference(run.RunKey, 0, status.Version);
        return (run, await services.GetRequiredService<ParameterCache>().GetAsync(reference, run, CancellationToken.None));
    }

    // All unseen items, best first; of equals the one with the lower number.
    private static (int Item, float Score)[] Best(RunContext run, PreparedModel model, int user)
    {
        var scores = new float[run.Simulated!.Dataset.Items.Count];
        using var worker = run.Learner.CreateWorker();
        worker.Score(model, run.Simulated!.Dataset.Train.History(user), scores);
        return [.. Enumerable.Range(0, scores.Length).Except(run.Simulated!.Dataset.Train.Items(user).ToArray()).Select(item => (item, scores[item])).OrderByDescending(item => item.Item2).ThenBy(item => item.item)];
    }

    private static float[] Explain(RunContext run, PreparedModel model, int user, string item)
    {
        Assert.True(run.Simulated!.Dataset.Items.TryGet(item, out var number));
        var history = run.Simulated!.Dataset.Train.History(user);
        var parts = new float[history.Items.Length];
        using var worker = run.Learner.CreateWorker();
        worker.Explain(model, history, number, parts);
        return parts;
    }
}
