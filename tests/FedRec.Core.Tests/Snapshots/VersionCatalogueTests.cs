using FedRec.Core.Catalogues;
using FedRec.Core.Data;
using FedRec.Core.Data.Features;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Snapshots;

public sealed class VersionCatalogueTests
{
    private static readonly Dictionary<string, string> s_none = [];

    [Fact]
    public void Read_WhatWasWritten_IsTheSameWhateverIsInTheIds()
    {
        var items = new IdMap();
        foreach (var id in new[] { "plain", "a,b", "\"quoted\"", "tab\there", "line\nend", "\u0001", "#1", "=1+1", "é", "日本", "🎬", " blanks ", "\\", "{}" }.Concat(Enumerable.Range(0, 100_000).Select(i => $"item-{i}")))
        {
            items.GetOrAdd(id);
        }

        var data = Empty(items) with { ItemFeatures = new FeatureTable(new FeatureSchema([FeatureColumn.Numeric("price"), new FeatureColumn("kind", ["new", "old"])]), [.. Enumerable.Range(0, items.Count).SelectMany(i => new[] { i % 7 == 0 ? float.NaN : i / 3f, i % 3 })]) };
        var catalogue = VersionCatalogue.Of(FederationCatalogue.Of(data), FederationShape.Of(data, 1), LearnerRegistry.Find("two-tower"), s_none);

        var read = VersionCatalogue.Read(catalogue.Write(), LearnerRegistry.Find);

        Assert.Equal(catalogue.Items, read.Items);
        Assert.Equal(catalogue.Options.OrderBy(o => o.Key, StringComparer.Ordinal), read.Options.OrderBy(o => o.Key, StringComparer.Ordinal));
        var shape = read.Shape(3);
        Assert.Equal((items.Count, 3, 2), (shape.Items, shape.Clients, shape.ItemFeatures!.Schema.Columns.Count));
        Assert.Equal(data.ItemFeatures.Row(100_000).ToArray(), shape.ItemFeatures.Row(100_000).ToArray());
        Assert.Equal(float.NaN, shape.ItemFeatures.Row(0)[0]);
    }

    [Fact]
    public void Read_OptionThatCameLater_IsAsItWasBefore() => Assert.All(
        LearnerRegistry.All.SelectMany(learner => learner.Options.Where(option => option.Before is not null).Select(option => (learner.Name, option))), one =>
        {
            var now = VersionCatalogue.Of(FederationCatalogue.Of(Empty(new IdMap())), FederationShape.Of(Empty(new IdMap()), 1), LearnerRegistry.Find(one.Name), new Dictionary<string, string> { [one.option.Name] = one.option.Before! });
            var then = now with { Options = now.Options.Where(given => given.Key != one.option.Name).ToDictionary() };

            var read = VersionCatalogue.Read(then.Write(), LearnerRegistry.Find);

            Assert.Equal(one.option.Before, read.Options[one.option.Name]);
            Assert.Equal(now.Sha256, read.Sha256);
            Assert.NotEqual(now.Sha256, then.Sha256);
        });

    [Fact]
    public void Read_LearnersOptionsOfToday_AreThoseThatWereWritten() => Assert.All(LearnerRegistry.All, learner =>
    {
        var catalogue = VersionCatalogue.Of(FederationCatalogue.Of(Empty(new IdMap())), FederationShape.Of(Empty(new IdMap()), 1), learner, s_none);

        Assert.Equal(catalogue.Write(), VersionCatalogue.Read(catalogue.Write(), LearnerRegistry.Find).Write());
    });

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("not json")]
    [InlineData("{\"format\":\"fedrec-catalogue-9\",\"learner\":\"mf\",\"options\":{},\"items\":[]}")]
    public void Read_SomethingElse_SaysSo(string file) =>
        Assert.Contains("Not a readable catalogue", Assert.Throws<InvalidDataException>(() => VersionCatalogue.Read(System.Text.Encoding.UTF8.GetBytes(file), LearnerRegistry.Find)).Message, StringComparison.Ordinal);

    [Fact]
    public void Resolved_OfEveryLearner_MakesTheSameLearner() => Assert.All(LearnerRegistry.All, descriptor =>
    {
        var shape = new FederationShape(4, HasRatings: true, RatingScale: (1, 5))
        {
            UserFeatures = descriptor.TakesLabels ? new FeatureSchema([FeatureColumn.Numeric("age")]) : null,
            Task = descriptor.TakesLabels ? new LabelTask(LabelKind.Multiclass) : null,
        };
        var resolved = descriptor.Resolved(s_none);

        var (given, again) = (descriptor.Create(s_none, shape), descriptor.Create(resolved, shape));

        Assert.True(given.Parameters.Matches(again.Parameters));
        Assert.Equal(given.Initialize(1), again.Initialize(1));
        Assert.Equal(resolved, descriptor.Resolved(resolved));
    });

    [Fact]
    public void Resolved_DefaultThatDependsOnAnotherOption_IsTheOneThatHolds() =>
        Assert.Equal(("0.02", "64"), (LearnerRegistry.Find("mf").Resolved(new Dictionary<string, string> { ["objective"] = "bpr" }) is var options ? options["l2-user"] : "", options["dims"]));

    private static Dataset Empty(IdMap items) => MadeUpData.Open(new DatasetOptions { SyntheticUsers = 20, SyntheticItems = 20 }) with { Items = items };
}
