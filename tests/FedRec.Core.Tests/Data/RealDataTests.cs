using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data;

public sealed class RealDataTests
{
    [RealDataFact("ml-100k/u.data")]
    public void Open_MovieLens100K_HasTheKnownCountsAndTitles()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = RealData.Path("ml-100k") });

        Assert.Equal(("ml-100k", 943, 1682, 100_000 - 943, 943), (data.Name, data.Users.Count, data.Items.Count, data.Train.Count, data.Test.Count));
        Assert.Equal((100_000, 0, 0), (data.Report.Rows, data.Report.Duplicates, data.Report.BadRows));
        Assert.True(data.Items.TryGet("1", out var toyStory));
        Assert.Equal("Toy Story (1995)", data.Catalogue.Titles[toyStory]);
        Assert.Equal(["Animation", "Children's", "Comedy"], data.Catalogue.Tags[toyStory]);
        Assert.True(data.Items.TryGet("543", out var accented));
        Assert.Equal("Misérables, Les (1995)", data.Catalogue.Titles[accented]); // Latin-1
    }

    [RealDataFact("ml-1m/interactions.csv")]
    public void Open_MovieLens1M_TakesTheExplicitSplit()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = RealData.Path("ml-1m") });

        Assert.Equal((6040, 3706, 994_169, 6040), (data.Users.Count, data.Items.Count, data.Train.Count, data.Test.Count));
        Assert.StartsWith("explicit train/test split", data.Protocol, StringComparison.Ordinal);
        Assert.DoesNotContain(Enumerable.Range(0, 3706), i => data.Catalogue.Titles[i] == data.Items[i]);
    }

    [RealDataFact("ml-latest-small/ratings.csv")]
    public void Open_MovieLensLatestSmall_ReadsRatingsAndQuotedTitles()
    {
        var data = DatasetSource.Open(new DatasetOptions { Path = RealData.Path("ml-latest-small") });

        Assert.Equal((610, 9724, 100_836), (data.Users.Count, data.Items.Count, data.Train.Count + data.Test.Count));
        Assert.True(data.Items.TryGet("11", out var item));
        Assert.Equal("American President, The (1995)", data.Catalogue.Titles[item]);
    }
}
