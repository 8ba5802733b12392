using FedRec.Core.Data;

namespace FedRec.Core.Tests.Data;

public sealed class DatasetProfileTests
{
    [Fact]
    public void Of_SmallFile_CountsByHand()
    {
        using var folder = new TempFolder();
        var file = folder.Write("a.csv", "user,item,rating,timestamp\na,x,1,1577836800\na,y,1,1577923200\nb,x,1,1577836805\nc,x,1,1577836807\nc,x,1,1577836808\nc,,1,1577836808\n");

        var profile = DatasetProfile.Of(DatasetSource.Open(new DatasetOptions { Path = file, MaxBadRowShare = 0.5 }));

        Assert.Equal((3, 2, 4, 4 / 6.0), (profile.Users, profile.Items, profile.Interactions, profile.Density));
        Assert.Equal((3, 0, 1), (profile.Train, profile.Validation, profile.Test));
        Assert.Equal(new CountSummary(1, 1, 2, 2), profile.PerUser); // 1 1 2
        Assert.Equal(new CountSummary(1, 1, 3, 3), profile.PerItem); // 1 3
        Assert.Equal(0.25, profile.PopularityGini, 12); // mean difference |1 − 3| / 2 over twice the mean 2
        Assert.Equal(0.75, profile.TopTenthShare, 12);
        Assert.Equal((new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2020, 1, 2, 0, 0, 0, TimeSpan.Zero)), (profile.First, profile.Last));
        Assert.Equal((6L, 1L, 1L), (profile.Report.Rows, profile.Report.Duplicates, profile.Report.BadRows));
        Assert.True(profile.HasRatings);
    }

    [Theory]
    [InlineData("user,item\na,x\n")]
    [InlineData("user,item,timestamp\na,x,999\n")] // only an order
    public void Of_WithoutTimesOrWithNumbersForThem_HasNoDates(string content)
    {
        using var folder = new TempFolder();

        var profile = DatasetProfile.Of(DatasetSource.Open(new DatasetOptions { Path = folder.Write("a.csv", content) }));

        Assert.Null(profile.First);
        Assert.Null(profile.Last);
    }
}
