using System.Collections.Immutable;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Grains.Recommendations;
using FedRec.Grains.Tests.Messages;

namespace FedRec.Grains.Tests.Recommendations;

/// <summary>The law of the trail: one line for each item that leaves the recommender, where the scenario is audited, and no others.</summary>
public sealed class RecommendationAuditTests
{
    private static readonly string[] s_customers = ["customer-1", "customer-2", "customer-3", "customer-40"];

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    public async Task Recommend_AuditedData_LeavesALineForEachItemServed(bool explain, short silos)
    {
        var trail = new KeptAuditTrail();
        await using var federation = await StartAsync("bank", trail, silos);
        var queries = s_customers.Select(customer => new RecommendationQuery(customer, 5, explain, 0))
            .Append(new RecommendationQuery("", 3, explain, 1) { Items = [new MetItem("car policy"), new MetItem("current account")] }).ToList();
        var manifest = (await federation.Grains.GetGrain<IModelGrain>("test").GetManifestAsync(1))!;

        var served = new List<(string? User, long Version, RecommendedItem Item)>();
        foreach (var query in queries)
        {
            var answer = await Recommender(federation).RecommendAsync(query);
            served.AddRange(answer.Items.Select(item => ((string?)(query.Items.IsEmpty ? query.User : null), answer.Version, item)));
        }

        Assert.NotEmpty(served);
        Assert.Equal(
            served.Select(one => (one.User, one.Version, one.Item.Item, one.Item.Rank, one.Item.Score, one.Item.Condition)),
            trail.Lines.Select(line => (line.User, line.ModelVersion, line.Item, line.Rank, line.Score, line.Rule)));
        Assert.All(trail.Lines, line => Assert.Equal(("test", manifest.Sha256), (line.Federation, line.ModelSha256)));
        Assert.All(served, one => Assert.Equal(explain, !one.Item.Reasons.IsEmpty)); // what was not asked for is not shown
        Assert.All(trail.Lines, line => Assert.NotEmpty(line.Because)); // and on record nevertheless
        Assert.Contains(trail.Lines, line => line.Rule is not null);
    }

    [Fact]
    public async Task Recommend_WithoutReasons_IsTheSameListAsWithThem()
    {
        await using var federation = await StartAsync("bank", new KeptAuditTrail());

        var with = await Recommender(federation).RecommendAsync(new RecommendationQuery(s_customers[0], 5, Explain: true, 0));
        var without = await Recommender(federation).RecommendAsync(new RecommendationQuery(s_customers[0], 5, Explain: false, 0));

        Assert.Equal(MessageGraph.Text(with with { Items = [.. with.Items.Select(item => item with { Reasons = [] })] }), MessageGraph.Text(without));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("clinic")]
    public async Task Recommend_OtherData_LeavesNone(string? scenario)
    {
        var trail = new KeptAuditTrail();
        await using var federation = await StartAsync(scenario, trail);
        var user = (await Recommender(federation).ListUsersAsync(0, 1))[0];

        var answer = await Recommender(federation).RecommendAsync(new RecommendationQuery(user, 5, Explain: true, 0));

        Assert.NotEmpty(answer.Items);
        Assert.Empty(trail.Lines);
    }

    [Fact]
    public async Task Recommend_RefusedRequest_LeavesNone()
    {
        var trail = new KeptAuditTrail();
        await using var federation = await StartAsync("bank", trail);

        var user = await Recommender(federation).RecommendAsync(new RecommendationQuery("nobody", 5, true, 0));
        var version = await Recommender(federation).RecommendAsync(new RecommendationQuery(s_customers[0], 5, true, 9));
        var item = await Recommender(federation).RecommendAsync(new RecommendationQuery("", 5, true, 0) { Items = [new MetItem("nothing")] });
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Recommender(federation).RecommendAsync(new RecommendationQuery(s_customers[0], 0, true, 0)));

        Assert.Equal([RecommendationOutcome.UnknownUser, RecommendationOutcome.NoModel, RecommendationOutcome.UnknownItem], [user.Outcome, version.Outcome, item.Outcome]);
        Assert.Equal(user.Items.Select(shown => ("nobody", shown.Item)), trail.Lines.Select(line => (line.User!, line.Item))); // only what somebody unknown was shown
    }

    [Fact]
    public async Task Recommend_TrailThatCannotBeWritten_ShowsNothingAndSaysWhy()
    {
        var trail = new KeptAuditTrail { Failure = new UnauthorizedAccessException("Access to the file is denied.") };
        await using var federation = await StartAsync("bank", trail);
        var query = new RecommendationQuery(s_customers[0], 5, true, 0);

        var refused = await Recommender(federation).RecommendAsync(query);
        trail.Failure = null;
        var served = await Recommender(federation).RecommendAsync(query);

        Assert.Equal((RecommendationOutcome.AuditUnavailable, 0), (refused.Outcome, refused.Items.Length));
        Assert.Equal("The audit trail of federation test cannot be written, and nothing is recommended without it: Access to the file is denied.", refused.Reason);
        Assert.Equal((RecommendationOutcome.Found, served.Items.Length), (served.Outcome, trail.Lines.Count));
    }

    [Fact]
    public async Task Recommend_HostWithoutATrail_ShowsNothing()
    {
        await using var federation = await StartAsync("bank", trail: null);

        var refused = await Recommender(federation).RecommendAsync(new RecommendationQuery(s_customers[0], 5, true, 0));

        Assert.Equal((RecommendationOutcome.AuditUnavailable, 0), (refused.Outcome, refused.Items.Length));
        Assert.Contains(nameof(IAuditTrail), refused.Reason, StringComparison.Ordinal);
    }

    private static async Task<TestFederation> StartAsync(string? scenario, KeptAuditTrail? trail, short silos = 1)
    {
        var federation = await TestFederation.StartAsync(silos, configure: silo => trail?.AddTo(silo));
        var request = TestFederation.Request(rounds: 1);
        await federation.RunAsync(scenario is null ? request : request with
        {
            Learner = "ease",
            LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("lambda", "20").Add("item-dropout", "0.5"),
        }, new DataSpec { Scenario = scenario });
        return federation;
    }

    private static IRecommenderGrain Recommender(TestFederation federation) => federation.Grains.GetGrain<IRecommenderGrain>("test");
}
