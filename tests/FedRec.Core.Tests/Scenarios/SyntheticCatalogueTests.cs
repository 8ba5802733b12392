using FedRec.Core.Data;
using FedRec.Core.Tests.Data;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Scenarios;

public sealed class SyntheticCatalogueTests
{
    private static readonly SyntheticOptions s_small = new() { Users = 60, Items = 90, Activity = 12, Seed = 3 };

    [Fact]
    public void Create_SameOptions_GivesTheSameData()
    {
        var data = SyntheticCatalogue.Create(s_small).ToDataset();

        Assert.Equal(data.Fingerprint(), SyntheticCatalogue.Create(s_small).ToDataset().Fingerprint());
        Assert.NotEqual(data.Fingerprint(), SyntheticCatalogue.Create(s_small with { Seed = 4 }).ToDataset().Fingerprint());
    }

    [Fact]
    public void Write_ThenOpen_GivesTheSameData()
    {
        using var folder = new TempFolder();
        var made = SyntheticCatalogue.Create(s_small);

        var files = made.Write(Path.Combine(folder.Path, "new", "interactions.csv"));
        var data = DatasetSource.Open(new DatasetOptions { Path = files[0], HoldOutValidation = true });

        Assert.Equal(made.ToDataset(holdOutValidation: true).Fingerprint(), data.Fingerprint());
        Assert.Equal((made.Count, 0L, 0L), ((int)data.Report.Rows, data.Report.Duplicates, data.Report.BadRows));
    }

    [Fact]
    public void Write_OverFilesThatAreThere_OnlyWhenAllowed()
    {
        using var folder = new TempFolder();
        var mine = folder.Write("items.csv", "mine");
        var target = Path.Combine(folder.Path, "a.csv");

        var error = Assert.Throws<DatasetException>(() => SyntheticCatalogue.Create(s_small).Write(target));

        Assert.Equal(mine, error.File);
        Assert.Equal(("mine", false), (File.ReadAllText(mine), File.Exists(target)));
        Assert.Equal(2, SyntheticCatalogue.Create(s_small).Write(target, overwrite: true).Count);
        Assert.Throws<DatasetException>(() => SyntheticCatalogue.Create(s_small).Write(mine, overwrite: true)); // one file cannot be both
    }

    [Fact]
    public void Open_WithoutPath_MakesItInTheAskedSize()
    {
        var data = MadeUpData.Open(new DatasetOptions { SyntheticUsers = 70, SyntheticItems = 200, SyntheticSeed = 5 });

        Assert.Equal(("synthetic", 70, 200), (data.Name, data.Users.Count, data.Items.Count));
        Assert.Equal(70, data.Test.Count);
        Assert.Equal(200, data.Catalogue.Titles.Distinct().Count());
        Assert.All(data.Catalogue.Tags, tags => Assert.Equal(2, tags.Count));
    }

    [Fact]
    public void Create_DefaultShape_HasALongTailAndUnequalUsers()
    {
        var profile = DatasetProfile.Of(SyntheticCatalogue.Create(new SyntheticOptions()).ToDataset());

        Assert.InRange(profile.PerUser.Median, 36, 44);
        Assert.InRange(profile.PerUser.P90, 75, 110); // Pareto with exponent 2: median · √5 = 89
        Assert.InRange(profile.TopTenthShare, 0.25, 0.6);
        Assert.True(profile.PerItem.Min >= 1);
    }

    [Fact]
    public void Create_EvenActivity_GivesEachUserTheAskedNumber()
    {
        var data = SyntheticCatalogue.Create(new SyntheticOptions { Users = 50, Items = 400, Activity = 30, SkewedActivity = false }).ToDataset();

        var profile = DatasetProfile.Of(data);
        Assert.InRange(profile.PerUser.Median, 30, 31); // an item that nobody drew may add one
        Assert.Equal(400, profile.Items);
    }

    [Theory]
    [InlineData(0, 90, 12)]
    [InlineData(60, 7, 12)]
    [InlineData(60, 90, 1)]
    public void Create_TooSmall_IsRefused(int users, int items, int activity) =>
        Assert.Throws<ArgumentException>(() => SyntheticCatalogue.Create(new SyntheticOptions { Users = users, Items = items, Activity = activity }));
}
