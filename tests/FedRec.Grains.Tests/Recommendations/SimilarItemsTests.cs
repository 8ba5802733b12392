using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Grains.Models;
using FedRec.Grains.Parties;
using FedRec.Grains.Privacy;
using FedRec.Grains.Recommendations;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FedRec.Grains.Tests.Recommendations;

/// <summary>What is near is asked of a version, beside its numbers, which <see cref="Models.ExportedVersionTests"/> checks.</summary>
public sealed class SimilarItemsTests
{
    [Fact]
    public async Task Similar_OfAnItem_HasTitlesTagsAndWhatIsInCommon()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var data = await TrainAsync(federation, TestFederation.Request(rounds: 2));

        var all = await Recommender(federation).FindSimilarAsync(new SimilarQuery(data.Items[7], 1_000));
        var first = await Recommender(federation).FindSimilarAsync(new SimilarQuery(data.Items[7], 3, 1));

        Assert.Equal((RecommendationOutcome.Found, 1, "mf", data.Catalogue.Titles[7]), (all.Outcome, all.Version, all.Learner, all.Title));
        Assert.Contains("cosine", all.Reason, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, all.Items.Length), all.Items.Select(item => item.Rank));
        Assert.DoesNotContain(all.Items, item => item.Item == data.Items[7] || !(item.Score > 0));
        Assert.All(all.Items, item =>
        {
            Assert.True(data.Items.TryGet(item.Item, out var number));
            Assert.Equal(data.Catalogue.Titles[number], item.Title);
            Assert.Equal(data.Catalogue.Tags[number], item.Tags);
            Assert.Equal(data.Catalogue.Tags[7].Intersect(data.Catalogue.Tags[number]), item.SharedTags);
        });
        Assert.Contains(all.Items, item => item.SharedTags.Length > 0 && item.SharedTags.Length < item.Tags.Length);
        Assert.Equal(all.Items.Take(3).Select(item => (item.Rank, item.Item, item.Score)), first.Items.Select(item => (item.Rank, item.Item, item.Score)));
    }

    [Fact]
    public async Task Similar_WhatIsNotThere_IsRefusedByName()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var before = await Recommender(federation).FindSimilarAsync(new SimilarQuery("i1", 3));
        await TrainAsync(federation, TestFederation.Request(rounds: 1) with { Learner = "ncf", LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("dims", "4") });
        var data = await TrainAsync(federation, TestFederation.Request(rounds: 1));

        var item = await Recommender(federation).FindSimilarAsync(new SimilarQuery("no such", 3));
        var version = await Recommender(federation).FindSimilarAsync(new SimilarQuery(data.Items[0], 3, 9));
        var network = await Recommender(federation).FindSimilarAsync(new SimilarQuery(data.Items[0], 3, 1));

        Assert.Equal((RecommendationOutcome.NoModel, 0), (before.Outcome, before.Version));
        Assert.Equal((RecommendationOutcome.UnknownItem, "There is no item 'no such' in the catalogue of version 2."), (item.Outcome, item.Reason));
        Assert.Equal((RecommendationOutcome.NoModel, 9), (version.Outcome, version.Version));
        Assert.Equal((RecommendationOutcome.NotMeasured, 1, "ncf"), (network.Outcome, network.Version, network.Learner));
        Assert.Contains("Version 1 is one of ncf", network.Reason, StringComparison.Ordinal);
        Assert.All([before, item, version, network], answer => Assert.Empty(answer.Items));
        foreach (var count in new[] { 0, -1, 1_001 })
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Recommender(federation).FindSimilarAsync(new SimilarQuery(data.Items[0], count)));
        }
    }

    [Fact]
    public async Task Similar_WhereDataHasRulesAndACohort_ListsWhatMayBeRecommendedAndTellsNothingOfAFew()
    {
        await using var federation = await TestFederation.StartAsync(1);
        var status = await federation.RunAsync(new RunRequest
        {
            Federation = "test",
            Learner = "ease",
            LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("lambda", "20"),
        }, new DataSpec { Scenario = "clinic" });
        var services = federation.Cluster.Silos[0].ServiceProvider;
        var run = await services.GetRequiredService<RunCache>().GetAsync($"test/{status.RunId}", CancellationToken.None);
        var model = await services.GetRequiredService<ParameterCache>().GetAsync(new ModelReference(run.RunKey, 0, 1), run, CancellationToken.None);
        var support = Enumerable.Range(0, run.Simulated!.Dataset.Items.Count).Select(item => Enumerable.Range(0, run.Simulated!.Dataset.Train.UserCount).Count(user => run.Simulated!.Dataset.Train.Items(user).Contains(item))).ToArray();
        var cohort = support.Order().ElementAt(support.Length / 4);
        var data = run.Simulated!.Dataset.WithCatalogue(run.Simulated!.Dataset.Catalogue with { MinimumCohort = cohort });
        using var strict = new RunContext(run.RunKey, RunDefinition.Of(run.Request, run.Source, data, run.Simulated!.Partition), run.Learner, run.Parts, SiloSecret.None, NullLogger.Instance);
        var (empty, listed) = (0, 0);

        for (var item = 0; item < data.Items.Count; item++)
        {
            var near = SimilarItems.Find(strict, model, new SimilarQuery(data.Items[item], 1_000), 1);
            var numbers = near.Items.Select(one => data.Items.TryGet(one.Item, out var number) ? number : -1).ToList();

            Assert.Equal(RecommendationOutcome.Found, near.Outcome);
            Assert.DoesNotContain(numbers, number => support[number] < cohort || data.Catalogue.Context.Contains(number));
            if (support[item] < cohort)
            {
                Assert.Empty(numbers);
                Assert.Contains($"Fewer than {cohort} users", near.Reason, StringComparison.Ordinal);
                empty++;
            }

            listed += numbers.Count;
        }

        Assert.True(empty > 0 && listed > 0 && data.Catalogue.Context.Count > 0, $"{empty} items of a few, {listed} listed");
    }

    private static IRecommenderGrain Recommender(TestFederation federation) => federation.Grains.GetGrain<IRecommenderGrain>("test");

    private static async Task<Dataset> TrainAsync(TestFederation federation, RunRequest request)
    {
        var status = await federation.RunAsync(request);
        return (await federation.Cluster.Silos[0].ServiceProvider.GetRequiredService<RunCache>().GetAsync($"test/{status.RunId}", CancellationToken.None)).Simulated!.Dataset;
    }
}
