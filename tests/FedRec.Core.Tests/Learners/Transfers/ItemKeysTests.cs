using FedRec.Core.Catalogues;
using FedRec.Core.Data;
using FedRec.Core.Learners;
using FedRec.Core.Learners.Transfers;
using FedRec.Core.Randomness;
using FedRec.Core.Tests.Data;

namespace FedRec.Core.Tests.Learners.Transfers;

public sealed class ItemKeysTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Carry_ByTitle_GivesEveryItemTheRowOfItsTitleWhateverIdsAndOrderAre(ulong seed)
    {
        string[] titles = [.. Enumerable.Range(0, 30).Select(number => $"Film {number}")];
        var (source, target) = (Shuffled(titles, seed, "source")[..25], Shuffled(titles, seed, "target")[..25]);
        var learner = Learner(25);
        float[] values = [.. source.SelectMany((_, row) => new[] { row, row + 0.5f })];

        var plan = Plan(learner, source, learner, target);
        var rows = plan.Carry(values, Enumerable.Repeat(-1f, 50).ToArray()).Chunk(2).ToArray();

        Assert.Equal(target.Count(source.Contains), plan.MatchedItems);
        Assert.InRange(plan.MatchedItems, 20, 24); // so that both kinds are there
        Assert.All(target.Zip(rows), one => Assert.Equal(Array.IndexOf(source, one.First) is >= 0 and var row ? [row, row + 0.5f] : [-1f, -1f], one.Second));
    }

    [Theory]
    [InlineData("Crash;Up", "Crash;CRASH;Up", "-1 -1 1")]
    [InlineData("Crash; crash ;Up", "Crash;Up", "-1 2")]
    [InlineData("Crash;Crash;Up", "Crash;Crash;Up", "-1 -1 2")]
    public void Carry_TitlesThatRepeatInOneCatalogue_AreMatchedToNone(string source, string target, string expected)
    {
        var (from, to) = (source.Split(';'), target.Split(';'));

        var plan = Plan(Learner(from.Length), from, Learner(to.Length), to);
        var carried = plan.Carry([.. Enumerable.Range(0, from.Length).SelectMany(row => new float[] { row, row })], Enumerable.Repeat(-1f, to.Length * 2).ToArray());

        Assert.Equal(expected, string.Join(' ', carried.Chunk(2).Select(row => row[0])));
        Assert.Equal($"1 of {to.Length} items found there", plan.Summary);
    }

    [Fact]
    public void Of_Titles_IgnoresCaseAndSpacesAroundThemAndIdsDoNot()
    {
        Assert.Equal(ItemKeys.Of(FederationCatalogue.Of(Data(["Up", "Ännchen"])), ItemKeys.Title), ItemKeys.Of(FederationCatalogue.Of(Data([" uP ", "ÄNNCHEN"])), ItemKeys.Title));
        Assert.Equal(["i0", "i1"], ItemKeys.Of(FederationCatalogue.Of(Data(["Up", "Up"])), ItemKeys.Id));
        Assert.Contains("id, title", Assert.Throws<ArgumentException>(() => ItemKeys.Of(FederationCatalogue.Of(Data(["Up"])), "colour")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_NoTitleInCommon_IsRefused()
    {
        var learner = Learner(2);

        Assert.StartsWith("None of the 2 items", Assert.Throws<ArgumentException>(() => Plan(learner, ["Up", "Up"], learner, ["Up", "Cube"])).Message, StringComparison.Ordinal);
    }

    private static ParameterTransfer Plan(ILearner source, string[] sourceTitles, ILearner target, string[] targetTitles) =>
        ParameterTransfer.Plan(source, ItemKeys.Of(FederationCatalogue.Of(Data(sourceTitles)), ItemKeys.Title), target, ItemKeys.Of(FederationCatalogue.Of(Data(targetTitles)), ItemKeys.Title));

    private static ILearner Learner(int items) => LearnerRegistry.Create("mf", new Dictionary<string, string> { ["dims"] = "2" }, new FederationShape(items));

    private static string[] Shuffled(string[] titles, ulong seed, string stream)
    {
        string[] copy = [.. titles];
        SeedSequence.For(seed, stream).Shuffle<string>(copy);
        return copy;
    }

    // One user who has met all items.
    private static Dataset Data(string[] titles)
    {
        using var folder = new TempFolder();
        folder.Write("items.csv", "item,title\n" + string.Concat(titles.Select((title, item) => $"i{item},\"{title}\"\n")));
        return DatasetSource.Open(new DatasetOptions { Path = folder.Write("interactions.csv", "user,item\n" + string.Concat(titles.Select((_, item) => $"u,i{item}\n"))) });
    }
}
