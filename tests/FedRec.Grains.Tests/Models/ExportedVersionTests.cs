using System.Collections.Immutable;
using FedRec.Contracts.Models;
using FedRec.Contracts.Recommendations;
using FedRec.Contracts.Runs;
using FedRec.Core.Data;
using FedRec.Scenarios;

namespace FedRec.Grains.Tests.Models;

/// <summary>What is exported is enough to score without FedRec, as <c>src/docs/reference/model-files.md</c> says.</summary>
public sealed class ExportedVersionTests
{
    [Theory]
    [InlineData("ease", "lambda", "20")]
    [InlineData("ease", "item-dropout", "0.25")]
    [InlineData("ease", "lambda", "20", "kernel", "3", "recency", "2")]
    [InlineData("ease", "lambda", "vote")]
    [InlineData("pca", "common-items", "30")]
    [InlineData("pca", "recency", "2")]
    [InlineData("mf", "objective", "least-squares")]
    [InlineData("mf", "objective", "logistic")]
    [InlineData("mf", "objective", "bpr")]
    [InlineData("mf", "objective", "mse")]
    [InlineData("ncf", "model", "neumf")]
    [InlineData("ncf", "recency", "2")]
    [InlineData("two-tower", "dims", "8")]
    [InlineData("two-tower", "dims", "8", "recency", "2")]
    public async Task Score_ByPlainArithmeticOverTheExportedBytes_IsWhatIsServed(string learner, params string[] options)
    {
        await using var federation = await TestFederation.StartAsync(1);
        var request = TestFederation.Request(rounds: learner is "ease" or "pca" ? 0 : 3) with
        {
            Learner = learner,
            LearnerOptions = options.Chunk(2).ToImmutableSortedDictionary(pair => pair[0], pair => pair[1]),
        };
        Assert.Equal(RunPhase.Completed, (await federation.RunAsync(request)).Phase);
        var model = federation.Grains.GetGrain<IModelGrain>("test");
        var manifest = (await model.GetManifestAsync((await model.GetSummaryAsync()).Serving))!;
        var tensors = (await model.ReadContentAsync(manifest.Version, 0, int.MaxValue))!.Bytes.ToArray();
        var reader = new OutsideReader(tensors, (await model.ReadCatalogueAsync(manifest.Version))!.Value.ToArray());
        var data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 60, SyntheticItems = 50 });

        foreach (var user in new[] { 3, 17, 42 })
        {
            var answer = await federation.Grains.GetGrain<IRecommenderGrain>("test").RecommendAsync(new RecommendationQuery(data.Users[user], 50, false, 0));
            var met = data.Train.Items(user).ToArray().Zip(data.Train.Ratings(user).ToArray()).ToDictionary(one => data.Items[one.First], one => (double)one.Second);
            var ages = data.Train.Items(user).ToArray().Zip(data.Train.Ages(user).ToArray()).ToDictionary(one => data.Items[one.First], one => (double)one.Second);
            var scores = reader.Score(met, ages);

            Assert.Equal(50 - met.Count, answer.Items.Length);
            Assert.All(answer.Items, item =>
            {
                var expected = scores[reader.Items.ToList().IndexOf(item.Item)];
                Assert.Equal(expected, item.Score, 2e-4 * Math.Max(1, Math.Abs(expected)));
            });
        }

        foreach (var item in new[] { 0, 19, 42 })
        {
            var near = await federation.Grains.GetGrain<IRecommenderGrain>("test").FindSimilarAsync(new SimilarQuery(reader.Items[item], 50));
            var expected = reader.Similar(item);

            Assert.Equal((expected is null ? RecommendationOutcome.NotMeasured : RecommendationOutcome.Found, manifest.Version, learner), (near.Outcome, near.Version, near.Learner));
            Assert.Equal((expected ?? []).Where((value, other) => other != item && value > 1e-5).Count(), near.Items.Count(one => one.Score > 1e-5));
            Assert.All(near.Items, one => Assert.Equal(expected![reader.Items.ToList().IndexOf(one.Item)], one.Score, 1e-5));
            Assert.Equal(near.Items.OrderByDescending(one => one.Score).Select(one => one.Item), near.Items.Select(one => one.Item));
        }
    }
}
