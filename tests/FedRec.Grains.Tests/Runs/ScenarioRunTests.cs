using System.Collections.Immutable;
using FedRec.Contracts.Evaluations;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Grains.Tests.Recommendations;

namespace FedRec.Grains.Tests.Runs;

public sealed class ScenarioRunTests
{
    [Fact]
    public async Task Run_ClinicOnOneSiloAndOnThree_GivesTheSameVersion()
    {
        var hashes = new List<string>();
        foreach (short silos in new short[] { 1, 3 })
        {
            await using var federation = await TestFederation.StartAsync(silos);
            await federation.RunAsync(s_request, new DataSpec { Scenario = "clinic" });
            hashes.Add((await federation.Grains.GetGrain<IModelGrain>("test").GetManifestAsync(1))!.Sha256);
        }

        Assert.Equal(hashes[0], hashes[1]);
    }

    [Fact]
    public async Task Recommend_BankCustomer_IsOfferedProductsOnlyAndTheRuleIsNamed()
    {
        await using var federation = await TestFederation.StartAsync(1, configure: new KeptAuditTrail().AddTo);
        await federation.RunAsync(s_request, new DataSpec { Scenario = "bank" });
        var recommender = federation.Grains.GetGrain<IRecommenderGrain>("test");

        var answers = await Task.WhenAll(Enumerable.Range(1, 40).Select(customer => recommender.RecommendAsync(new RecommendationQuery($"customer-{customer}", 20, Explain: false, 0))));

        var items = answers.SelectMany(answer => answer.Items).ToList();
        Assert.All(items, item => Assert.Equal<string>(["product"], item.Tags));
        Assert.All(items.Where(item => item.Item == "home insurance"), item => Assert.Equal("only for home owners", item.Condition));
        Assert.Contains(answers, answer => answer.Items.All(item => item.Item != "home insurance"));
        Assert.Contains(items, item => item.Condition is not null);
    }

    [Fact]
    public async Task Compare_PartiesAloneAndOneOfThem_CountsTheUsersOfEach()
    {
        await using var federation = await TestFederation.StartAsync(2);
        var status = await federation.RunAsync(s_request, new DataSpec { Scenario = "clinic" });
        var evaluation = federation.Grains.GetGrain<IEvaluationGrain>("test");

        var all = (await evaluation.CompareAsync(1, new ComparedWith(0, "alone"), [10]))!;
        var one = (await evaluation.CompareAsync(1, new ComparedWith(0, "alone", "hospital-east"), [10]))!;
        var centralised = (await evaluation.CompareAsync(1, new ComparedWith(0, "centralised"), [10]))!;

        Assert.Equal((600, 150), (all.Users, one.Users));
        Assert.True(all.Differences.Single(difference => difference.Metric == "ndcg@10").Low > 0);
        Assert.All(centralised.Differences, difference => Assert.Equal(0, difference.Difference));
        Assert.Equal("ease", (await evaluation.EvaluateAsync(1, [10]))!.Name);
        Assert.Equal("alone", (await evaluation.EvaluateBaselineAsync(status.RunId, "alone", [10])).Name);
    }

    [Fact]
    public async Task Compare_PartyThatIsNotThere_NamesThoseThatAre()
    {
        await using var federation = await TestFederation.StartAsync(1);
        await federation.RunAsync(s_request, new DataSpec { Scenario = "clinic" });
        var evaluation = federation.Grains.GetGrain<IEvaluationGrain>("test");

        var error = await Assert.ThrowsAsync<ArgumentException>(() => evaluation.CompareAsync(1, new ComparedWith(0, "alone", "hospital-moon"), [10]));

        Assert.Contains("no party 'hospital-moon'; the data has hospital-east", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Baseline_AloneWithSingleUsers_SaysWhatItNeeds()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var status = await federation.RunAsync(TestFederation.Request(rounds: 1));

        var error = await Assert.ThrowsAsync<ArgumentException>(() => federation.Grains.GetGrain<IEvaluationGrain>("test").EvaluateBaselineAsync(status.RunId, "alone", [10]));

        Assert.Contains("parties with several users", error.Message, StringComparison.Ordinal);
    }

    private static readonly RunRequest s_request = new()
    {
        Federation = "test",
        Learner = "ease",
        LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("lambda", "20").Add("item-dropout", "0.5"),
    };
}
