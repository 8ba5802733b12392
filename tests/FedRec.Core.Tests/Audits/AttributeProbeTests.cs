using FedRec.Core.Audits;
using FedRec.Core.Data;
using FedRec.Core.Data.Features;
using FedRec.Core.Randomness;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Audits;

/// <summary>What users have in common with others of their kind is told by plain updates, and not by masked ones.</summary>
public sealed class AttributeProbeTests
{
    private const string Plain = "updates, plain";
    private const string Masked = "updates, masked";
    private static readonly Dataset s_many = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 240, SyntheticItems = 150 });

    [Fact]
    public void Run_WhereTasteGoesWithAnAttribute_TellsItFromPlainUpdates_AndNotFromMaskedOnes()
    {
        var leaks = AttributeProbe.Run(AuditedData.Logistic(3, s_many), WithAttributes(s_many), [.. Enumerable.Range(0, s_many.Users.Count)], AuditedData.Masks, cohort: 15, seed: 1);

        Assert.Equal(["gender is F", "age above 40"], leaks.Select(leak => leak.Attribute).Distinct());
        Assert.True(Of(leaks, "gender is F", Plain).Area.Low > 0.75, $"{Of(leaks, "gender is F", Plain)}");
        Assert.All(leaks.Where(leak => leak.From == Masked), leak => Assert.InRange(leak.Area.Value, 0.25, 0.75)); // masks are drawn anew each time: 0.053 is one standard deviation
        Assert.True(Of(leaks, "age above 40", Plain).Area is { Low: <= 0.5, High: >= 0.5 }, $"{Of(leaks, "age above 40", Plain)}"); // it was drawn at random
    }

    [Fact]
    public void Tell_OfNumbersThatHoldTheAttribute_AndOfNoise_IsRightAndChance()
    {
        var random = SeedSequence.For(1, "told");
        bool?[] values = [.. Enumerable.Range(0, 200).Select(i => i < 3 ? default(bool?) : random.NextDouble() < 0.3)];
        double[][] noise = [.. values.Select(_ => Enumerable.Range(0, 30).Select(_ => random.NextGaussian()).ToArray())];
        double[][] told = [.. noise.Select((one, user) => one.Select((number, i) => number + (i == 7 && values[user] == true ? 9 : 0)).ToArray())];

        var (right, chance) = (AttributeProbe.Tell("a", "b", told, values, 1), AttributeProbe.Tell("a", "b", noise, values, 1));

        Assert.True(right is { Users: 197, Area.Value: > 0.97, Accuracy.Value: > 0.9 }, $"{right}");
        Assert.True(chance.Area is { Low: <= 0.5, High: >= 0.5 } && chance.Accuracy.Value <= chance.Majority + 0.02, $"{chance}");
    }

    [Fact]
    public void Run_OfDataThatSaysNothingOfItsUsers_HasNothingToTell() =>
        Assert.Empty(AttributeProbe.Run(AuditedData.Logistic(1), AuditedData.Data, AuditedData.Users, AuditedData.Masks, cohort: 15, seed: 1));

    private static AttributeLeak Of(IReadOnlyList<AttributeLeak> leaks, string attribute, string from) => leaks.Single(leak => leak.Attribute == attribute && leak.From == from);

    // Gender by whether a user has met more of the items of one tag than most; age by chance.
    private static Dataset WithAttributes(Dataset data)
    {
        var random = SeedSequence.For(1, "ages");
        var tag = data.Catalogue.Tags[data.Train.Items(0)[0]][0];
        double[] shares = [.. Enumerable.Range(0, data.Users.Count).Select(user => data.Train.Items(user).ToArray().Average(item => data.Catalogue.Tags[item][0] == tag ? 1.0 : 0))];
        var middle = shares.Order().ElementAt(shares.Length * 11 / 20);
        var schema = new FeatureSchema([new FeatureColumn("gender", ["F", "M"]), FeatureColumn.Numeric("age")]);
        return data with { Train = data.Train.With(new FeatureTable(schema, [.. shares.SelectMany(share => new[] { share > middle ? 1f : 0, random.NextDouble() < 0.6 ? 40 : 41 })])) };
    }
}
