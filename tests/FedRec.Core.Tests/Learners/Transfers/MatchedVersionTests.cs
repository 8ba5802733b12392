using FedRec.Core.Catalogues;
using FedRec.Core.Data;
using FedRec.Core.Data.Features;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Tests.Data;
using FedRec.Core.Tests.Evaluation;
using FedRec.Core.Tests.Native;

namespace FedRec.Core.Tests.Learners.Transfers;

[Collection(nameof(TorchCollection))]
public sealed class MatchedVersionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("mf", "objective", "least-squares")]
    [InlineData("mf", "objective", "logistic")]
    [InlineData("mf", "objective", "bpr")]
    [InlineData("mf", "objective", "mse")]
    [InlineData("ease", "item-dropout", "0.3")]
    [InlineData("ease", "lambda", "0")]
    [InlineData("ease", "sketch", "8")]
    [InlineData("ncf", "model", "neumf")]
    [InlineData("two-tower", "dims", "4")]
    public void Score_AnyPermutationAndExtensionOfTheRows_IsThatOfTheVersionsOwnCatalogue(string name, string option, string value)
    {
        var options = new Dictionary<string, string> { [option] = value };
        var own = Open(new Random(1), extended: false);
        var learner = LearnerRegistry.Create(name, options, FederationShape.Of(own, own.Users.Count));
        var defaults = LearnerRegistry.Find(name).Recommended(options);
        var parameters = LocalFederation.Train(learner, defaults, own, defaults.Step == StepRule.Sum ? defaults.Rounds : 3, seed: 1);
        var catalogue = VersionCatalogue.Read(VersionCatalogue.Of(FederationCatalogue.Of(own), FederationShape.Of(own, 1), LearnerRegistry.Find(name), options).Write(), LearnerRegistry.Find);
        var prepared = learner.Prepare(parameters);
        using var worker = learner.CreateWorker();

        foreach (var seed in Enumerable.Range(2, 4))
        {
            var other = Open(new Random(seed), extended: true);
            var matched = MatchedVersion.Of(LearnerRegistry.Create(catalogue.Learner, catalogue.Options, catalogue.Shape(own.Users.Count)), parameters, catalogue, FederationCatalogue.Of(other), FederationShape.Of(other, 1));

            Assert.Equal(other.Items.Count - own.Items.Count, matched.Unknown);
            for (var user = 0; user < own.Users.Count; user++)
            {
                Assert.True(other.Users.TryGet(own.Users[user], out var same));
                var (expected, actual) = (new float[own.Items.Count], new float[other.Items.Count]);
                worker.Score(prepared, own.Train.History(user), expected);
                matched.Score(borrowed =>
                {
                    borrowed.Score(matched, other.Train.History(same), actual);
                    return true;
                });
                Assert.Equal(ById(own, expected), ById(other, actual).Where(one => !float.IsNaN(one.Value)).ToDictionary());
                Assert.Equal(matched.Unknown, actual.Count(float.IsNaN));
                AssertSameParts(own, user, other, same, worker, prepared, matched);
            }

            AssertSameSimilarities(own, other, worker.Similarity(prepared), matched);
        }
    }

    [Fact]
    public void Score_HistoryWithItemsOfLater_IsThatWithoutThem()
    {
        var own = Open(new Random(1), extended: false);
        var other = Open(new Random(2), extended: true);
        var learner = LearnerRegistry.Create("mf", new Dictionary<string, string>(), FederationShape.Of(own, 1));
        var catalogue = VersionCatalogue.Of(FederationCatalogue.Of(own), FederationShape.Of(own, 1), LearnerRegistry.Find("mf"), new Dictionary<string, string>());
        var matched = MatchedVersion.Of(learner, learner.Initialize(1), catalogue, FederationCatalogue.Of(other), FederationShape.Of(other, 1));
        int[] known = [.. other.Train.Items(0).ToArray().Where(item => own.Items.TryGet(other.Items[item], out _))];
        Assert.True(other.Items.TryGet("later0", out var later));

        var (with, without) = (new float[other.Items.Count], new float[other.Items.Count]);
        matched.Score(worker =>
        {
            worker.Score(matched, known, without);
            worker.Score(matched, known.Append(later).Order().ToArray(), with);
            return true;
        });

        Assert.Equal(without, with);
    }

    [Fact]
    public void Of_LabelledRowsWithOtherColumns_IsRefused()
    {
        var own = Open(new Random(1), extended: false);
        var catalogue = VersionCatalogue.Of(FederationCatalogue.Of(own), FederationShape.Of(own, 1), LearnerRegistry.Find("mf"), new Dictionary<string, string>()) with { Task = new LabelTask(LabelKind.Multiclass), UserFeatures = new CatalogueFeatures { Columns = [FeatureColumn.Numeric("age")] } };
        var learner = LearnerRegistry.Create("mf", new Dictionary<string, string>(), FederationShape.Of(own, 1));

        var error = Assert.Throws<ArgumentException>(() => MatchedVersion.Of(learner, learner.Initialize(1), catalogue, FederationCatalogue.Of(own), FederationShape.Of(own, 1)));

        Assert.Contains("other features", error.Message, StringComparison.Ordinal);
    }

    private static void AssertSameSimilarities(Dataset own, Dataset other, IItemSimilarity? similarity, MatchedVersion matched)
    {
        var (expected, actual) = (new float[own.Items.Count], new float[other.Items.Count]);
        var theirs = matched.Score(borrowed => borrowed.Similarity(matched));
        Assert.Equal(similarity?.Words, theirs?.Words);
        for (var item = 0; item < other.Items.Count && similarity is not null; item++)
        {
            var isKnown = own.Items.TryGet(other.Items[item], out var place);

            Assert.Equal(isKnown, theirs!.Measure(item, actual));
            Assert.True(!isKnown || similarity.Measure(place, expected));
            Assert.Equal(isKnown ? ById(own, expected).Where(one => !float.IsNaN(one.Value)).ToDictionary() : [], ById(other, actual).Where(one => !float.IsNaN(one.Value)).ToDictionary());
        }
    }

    private static void AssertSameParts(Dataset own, int user, Dataset other, int same, ILearnerWorker worker, PreparedModel prepared, MatchedVersion matched)
    {
        var (mine, theirs) = (own.Train.History(user).Items.ToArray(), other.Train.History(same).Items.ToArray());
        var (expected, actual) = (new float[mine.Length], new float[theirs.Length]);
        Assert.True(other.Items.TryGet(own.Items[3], out var item));
        worker.Explain(prepared, own.Train.History(user), 3, expected);
        matched.Score(borrowed =>
        {
            borrowed.Explain(matched, other.Train.History(same), item, actual);
            return true;
        });
        Assert.Equal(mine.Select(i => own.Items[i]).Zip(expected).ToDictionary(), theirs.Select(i => other.Items[i]).Zip(actual).ToDictionary());
    }

    private static Dictionary<string, float> ById(Dataset data, float[] scores) => Enumerable.Range(0, scores.Length).ToDictionary(item => data.Items[item], item => scores[item]);

    /// <summary>Rows of 20 users and 18 items in any order; extended, with users, items and a feature that come later among them.</summary>
    private Dataset Open(Random random, bool extended)
    {
        var fixedRows = new Random(7);
        var rows = Enumerable.Range(0, 160).Select(i => $"u{i % 20},i{fixedRows.Next(18)}").Concat(Enumerable.Range(0, 18).Select(i => $"u0,i{i % 9}")).Concat(Enumerable.Range(9, 9).Select(i => $"u1,i{i}"))
            .Distinct().Select((row, i) => $"{row},{1 + (i % 5)},train").ToList();
        if (extended)
        {
            rows.AddRange(Enumerable.Range(0, 24).Select(i => $"new{i % 4},{(i % 3 == 0 ? $"later{i % 5}" : $"i{i % 18}")},{1 + (i % 5)},train"));
        }

        var lines = rows.ToArray();
        random.Shuffle(lines);
        var data = DatasetSource.Open(new DatasetOptions { Path = _folder.Write($"{random.Next()}.csv", $"user,item,rating,split\n{string.Join('\n', lines)}\n") });
        string[] columns = extended ? ["other", "even", "third"] : ["even", "third"];
        float Feature(string column, string id) => column switch { "even" => id[^1] % 2, "third" => id[^1] % 3, _ => 1 };
        return data with
        {
            ItemFeatures = new FeatureTable(new FeatureSchema([.. columns.Select(FeatureColumn.Numeric)]),
                [.. Enumerable.Range(0, data.Items.Count).SelectMany(item => columns.Select(column => Feature(column, data.Items[item])))]),
        };
    }
}
