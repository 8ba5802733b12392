using System.Text.Json;
using System.Text.Json.Nodes;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Snapshots;
using FedRec.Grains.Models;
using FedRec.Grains.Training;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Models;

/// <summary>A version that was stored before its learner had an option scores as it did then, whatever runs go by now.</summary>
public sealed class OlderCatalogueTests
{
    [Theory]
    [InlineData("0", true)]
    [InlineData("5", false)]
    public async Task Recommend_FromAVersionOfBeforeAnOption_ScoresAsItDid(string now, bool isOwn)
    {
        var (states, models) = (new SurvivingStorage(), new MemoryModelStore());
        var expected = await ScoresAsync(await TestFederation.StartAsync(1), TrainWith("0"));
        RecommendationAnswer asStored;
        await using (var federation = await TestFederation.StartAsync(1, states, models))
        {
            await federation.RunAsync(TrainWith(now));
            asStored = await AskAsync(federation);
        }

        await using var again = await TestFederation.StartAsync(1, states, await WithoutOptionAsync(models, "recency"));
        var services = again.Cluster.Silos[0].ServiceProvider;
        var run = await services.GetRequiredService<RunCache>().GetAsync("test/run-1", CancellationToken.None);

        Assert.Equal(expected, Scores(await AskAsync(again)));
        Assert.Equal(isOwn, expected.SequenceEqual(Scores(asStored))); // with recency it had other scores
        var model = await services.GetRequiredService<ParameterCache>().GetAsync(new ModelReference("test/run-1", 0, 1), run, CancellationToken.None);
        Assert.Equal(isOwn, model is not MatchedVersion);
    }

    private static RunRequest TrainWith(string recency) => TestFederation.Request() with { LearnerOptions = TestFederation.Request().LearnerOptions.Add("recency", recency) };

    private static async Task<(string, float)[]> ScoresAsync(TestFederation federation, RunRequest request)
    {
        await using (federation)
        {
            await federation.RunAsync(request);
            return Scores(await AskAsync(federation));
        }
    }

    private static Task<RecommendationAnswer> AskAsync(TestFederation federation) =>
        federation.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery("u7", 20, Explain: false, Version: 1));

    private static (string, float)[] Scores(RecommendationAnswer answer) => [.. answer.Items.Select(item => (item.Item, item.Score))];

    // As a program would have stored version 1 that did not know the option.
    private static async Task<MemoryModelStore> WithoutOptionAsync(MemoryModelStore models, string option)
    {
        var (older, manifest) = (new MemoryModelStore(), ModelFiles.ReadManifest((await models.LoadManifestAsync("test", 1))!.Value.Span));
        await older.SaveContentAsync("test", ModelFiles.Tensors, 1, manifest.Sha256, await models.LoadContentAsync("test", ModelFiles.Tensors, 1, manifest.Sha256));
        var catalogue = JsonNode.Parse((await models.LoadContentAsync("test", ModelFiles.Catalogue, 1, manifest.CatalogueSha256)).Span)!;
        Assert.True(catalogue["options"]!.AsObject().Remove(option));
        var file = JsonSerializer.SerializeToUtf8Bytes(catalogue);
        await older.SaveContentAsync("test", ModelFiles.Catalogue, 1, Safetensors.Sha256(file), file);
        await older.SaveManifestAsync("test", 1, ModelFiles.WriteManifest(manifest with { CatalogueSha256 = Safetensors.Sha256(file) }));
        return older;
    }
}
