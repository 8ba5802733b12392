using FedRec.Core.Data;
using FedRec.Core.Data.Features;

namespace FedRec.Core.Tests.Data.Features;

public sealed class TagFeaturesTests
{
    [Fact]
    public void Of_SomeTags_PutsTheMostFrequentFirstAndOnesWhereAnItemHasIt()
    {
        var table = TagFeatures.Of(Catalogue(["drama"], ["comedy", "drama"], [], ["adventure", "adventure"]))!;

        Assert.Equal(["drama", "adventure", "comedy"], table.Schema.Columns.Select(column => column.Name));
        Assert.Equal([1, 0, 0], table.Row(0).ToArray());
        Assert.Equal([1, 0, 1], table.Row(1).ToArray());
        Assert.Equal([0, 0, 0], table.Row(2).ToArray());
        Assert.Equal([0, 1, 0], table.Row(3).ToArray());
    }

    [Fact]
    public void Of_NoTags_IsNothing() => Assert.Null(TagFeatures.Of(Catalogue([], [])));

    [Fact]
    public void Of_ManyTags_KeepsTheSixtyFourMostFrequent()
    {
        var all = Enumerable.Range(0, 70).Select(tag => $"t{tag:00}").ToArray();

        var table = TagFeatures.Of(Catalogue(all, [.. all.Skip(6)]))!;

        Assert.Equal(all.Skip(6), table.Schema.Columns.Select(column => column.Name));
    }

    [Fact]
    public void Of_AnyOrderOfAnItemsTags_IsTheSame()
    {
        var table = TagFeatures.Of(Catalogue(["b", "a"], ["a", "b", "c"]))!;
        var other = TagFeatures.Of(Catalogue(["a", "b"], ["c", "b", "a"]))!;

        Assert.Equal(table.Schema.Columns.Select(column => column.Name), other.Schema.Columns.Select(column => column.Name));
        Assert.Equal(table.Row(1).ToArray(), other.Row(1).ToArray());
    }

    private static ItemCatalogue Catalogue(params string[][] tags) => new([.. tags.Index().Select(item => $"i{item.Index}")], tags);
}
