using FedRec.Core.Data;
using FedRec.Core.Data.Features;
using FedRec.Core.Learners;
using FedRec.Core.Learners.TwoTowers;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Evaluation;
using FedRec.Core.Tests.Native;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Learners.TwoTowers;

/// <summary>Tags decide what users like, and some items are in nobody's training data.</summary>
[Collection(nameof(TorchCollection))]
public sealed class ColdItemTests
{
    private const int Tags = 8;
    private const int Items = 120;
    private const int Cold = 24; // the last ones
    private const int Users = 80;

    [Fact]
    public void Score_ItemsNobodyTrainedOn_AreFoundByTheirTags()
    {
        var data = Made();

        var with = HitRate(data);
        var without = HitRate(data with { ItemFeatures = null });

        // Chance is 10 of 113, about .09; without tags all cold items score the same, above what was drawn as a negative.
        Assert.True(with > 0.8 && with > without + 0.3, $"HR@10 of cold items is {with:F3} with tags and {without:F3} without.");
    }

    private static double HitRate(Dataset data) => LocalFederation.TrainAndEvaluate(
        new TwoTower(new TwoTowerOptions(), FederationShape.Of(data, Users)),
        TwoTowerDescriptor.Instance.Recommended(new Dictionary<string, string>()), data, rounds: 41, seed: 1).Metrics["hr@10"];

    private static Dataset Made()
    {
        var (train, test) = (new List<int[]>(), new List<int[]>());
        for (var user = 0; user < Users; user++)
        {
            var random = SeedSequence.For(1, "cold-user", user);
            int[] liked = [.. Enumerable.Range(0, Items).Where(item => item % Tags == user % Tags)]; // the user's own tag
            var warm = liked.Where(item => item < Items - Cold).ToArray();
            random.Shuffle<int>(warm);
            train.Add([.. warm.Take(6).Append(random.NextInt32(Items - Cold)).Distinct().Order()]);
            test.Add([liked[^(1 + random.NextInt32(Cold / Tags))]]);
        }

        var noise = NoiseData.Create(Users, Items, 3, 1).ToDataset();
        return noise with
        {
            Items = Ids("i", Items),
            Users = Ids("u", Users),
            Catalogue = ItemCatalogue.FromIds(Ids("i", Items)),
            Train = Rows(train),
            Validation = Rows([.. train.Select(_ => Array.Empty<int>())]),
            Test = Rows(test),
            ItemFeatures = new FeatureTable(
                new FeatureSchema([.. Enumerable.Range(0, Tags).Select(tag => FeatureColumn.Numeric($"t{tag}"))]),
                [.. Enumerable.Range(0, Items * Tags).Select(i => i / Tags % Tags == i % Tags ? 1f : 0f)]),
        };
    }

    private static IdMap Ids(string prefix, int count)
    {
        var ids = new IdMap();
        for (var i = 0; i < count; i++)
        {
            ids.GetOrAdd($"{prefix}{i}");
        }

        return ids;
    }

    private static UserItems Rows(List<int[]> rows)
    {
        var offsets = new int[rows.Count + 1];
        for (var user = 0; user < rows.Count; user++)
        {
            offsets[user + 1] = offsets[user] + rows[user].Length;
        }

        return new UserItems(offsets, [.. rows.SelectMany(row => row)]);
    }
}
