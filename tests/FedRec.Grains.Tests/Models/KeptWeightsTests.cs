using System.Collections.Immutable;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Learners;
using FedRec.Core.Snapshots;
using FedRec.Grains.Models;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Models;

/// <summary>What follows from a version and takes long to work out is worked out once, and kept with it.</summary>
public sealed class KeptWeightsTests
{
    private readonly SurvivingStorage _states = new();
    private readonly MemoryModelStore _models = new();

    [Fact]
    public async Task Version_OpenedBySilosThatStartLater_HasItsWeightsAndScoresAsBefore()
    {
        var before = await TrainAsync();

        await using var later = await TestFederation.StartAsync(2, _states, _models);

        Assert.True((await OpenAsync(later)).Derived!.IsReady);
        Assert.Equal(before, await ListAsync(later));
    }

    [Fact]
    public async Task Version_WhoseWeightsAreLost_WorksThemOutAgain()
    {
        var before = await TrainAsync();
        var manifest = await ManifestAsync();
        var poorer = new MemoryModelStore();
        await poorer.SaveContentAsync("test", ModelFiles.Tensors, 1, manifest.Sha256, await _models.LoadContentAsync("test", ModelFiles.Tensors, 1, manifest.Sha256));
        await poorer.SaveContentAsync("test", ModelFiles.Catalogue, 1, manifest.CatalogueSha256, await _models.LoadContentAsync("test", ModelFiles.Catalogue, 1, manifest.CatalogueSha256));
        await poorer.SaveManifestAsync("test", 1, ModelFiles.WriteManifest(manifest));

        await using var later = await TestFederation.StartAsync(1, _states, poorer);

        Assert.False((await OpenAsync(later)).Derived!.IsReady);
        Assert.Equal(before, await ListAsync(later));
    }

    [Fact]
    public async Task Version_OfALearnerThatHasAllAtHand_KeepsNothingBesideIt()
    {
        await using var federation = await TestFederation.StartAsync(1, _states, _models);
        await federation.RunAsync(TestFederation.Request(rounds: 1));

        Assert.Equal("", (await ManifestAsync()).WeightsSha256);
    }

    private async Task<string[]> TrainAsync()
    {
        await using var federation = await TestFederation.StartAsync(1, _states, _models);
        var status = await federation.RunAsync(TestFederation.Request(rounds: 0) with
        {
            Learner = "ease",
            LearnerOptions = ImmutableSortedDictionary<string, string>.Empty.Add("lambda", "20"),
        });
        Assert.Equal((RunPhase.Completed, 1L), (status.Phase, status.Version));
        return await ListAsync(federation);
    }

    private async Task<ModelManifest> ManifestAsync() => ModelFiles.ReadManifest((await _models.LoadManifestAsync("test", 1))!.Value.Span);

    private static async Task<PreparedModel> OpenAsync(TestFederation federation)
    {
        var services = federation.Cluster.Silos[0].ServiceProvider;
        var run = await services.GetRequiredService<RunCache>().GetAsync("test/run-1", CancellationToken.None);
        return await services.GetRequiredService<VersionReader>().OpenAsync(new ModelReference("test/run-1", 0, 1), run);
    }

    private static async Task<string[]> ListAsync(TestFederation federation)
    {
        var answer = await federation.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery("u3", 20, false, 1));
        Assert.True(answer.Outcome == RecommendationOutcome.Found, answer.Reason);
        return [.. answer.Items.Select(item => $"{item.Item}:{item.Score:R}")];
    }
}
