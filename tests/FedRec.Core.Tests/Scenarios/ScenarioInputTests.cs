using FedRec.Core.Data;
using FedRec.Core.Tests.Data;
using FedRec.Scenarios;

namespace FedRec.Core.Tests.Scenarios;

public sealed class ScenarioInputTests
{
    [Fact]
    public void Find_UnknownName_ListsTheOthers() =>
        Assert.Contains("choose one of movies, shop, clinic, bank, news", Assert.Throws<ArgumentException>(() => Scenario.Find("casino", MadeUpData.All)).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_WhereNoScenarioWasAdded_SaysWhatIsMissing()
    {
        var named = Assert.Throws<ArgumentException>(() => DatasetSource.Open(new DatasetOptions { Scenario = "bank" }));
        var unnamed = Assert.Throws<ArgumentException>(() => DatasetSource.Open(new DatasetOptions()));

        Assert.StartsWith("There is no scenario 'bank'; no scenario was added where the host was built", named.Message, StringComparison.Ordinal);
        Assert.StartsWith("No data is given, and none is made up here; no scenario was added", unnamed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1\t2\t3", "has 3 fields")]
    [InlineData(null, "main type 11")]
    public void Coil_RowThatIsNone_NamesFileLineAndFields(string? row, string expected)
    {
        using var folder = new TempFolder();
        var good = string.Join('\t', Enumerable.Range(0, 86).Select(column => column is 3 or 4 ? "2" : "1"));
        var bad = row ?? string.Join('\t', Enumerable.Range(0, 86).Select(column => column == 4 ? "11" : "1"));
        folder.Write("ticdata2000.txt", $"{good}\n{bad}\n");

        var error = Assert.Throws<DatasetException>(() => MadeUpData.Open(new DatasetOptions { Scenario = "bank", Path = folder.Path }));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal((2L, Path.Combine(folder.Path, "ticdata2000.txt")), (error.Line, error.File));
    }

    [Fact]
    public void Coil_FolderWithoutTheFile_SaysWhatToGive()
    {
        using var folder = new TempFolder();

        var error = Assert.Throws<DatasetException>(() => MadeUpData.Open(new DatasetOptions { Scenario = "bank", Path = folder.Path }));

        Assert.Contains("Give ticdata2000.txt of CoIL 2000", error.Message, StringComparison.Ordinal);
        Assert.Equal(Path.Combine(folder.Path, "ticdata2000.txt"), error.File);
    }

    [Fact]
    public void Mimic_TableWithoutAColumn_NamesIt()
    {
        using var folder = new TempFolder();
        folder.Write("PATIENTS.csv", "subject_id,sex,dob\n1,F,2100-01-01\n");

        var error = Assert.Throws<DatasetException>(() => MadeUpData.Open(new DatasetOptions { Scenario = "clinic", Path = folder.Path }));

        Assert.Contains("no column gender; its columns are subject_id, sex, dob", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mimic_BirthThatIsNoDate_NamesTheLine()
    {
        using var folder = new TempFolder();
        folder.Write("PATIENTS.csv", "subject_id,gender,dob\n1,F,soon\n");

        var error = Assert.Throws<DatasetException>(() => MadeUpData.Open(new DatasetOptions { Scenario = "clinic", Path = folder.Path }));

        Assert.Contains("'soon', which is no date", error.Message, StringComparison.Ordinal);
        Assert.Equal(2L, error.Line);
    }

    [Fact]
    public void News_DataWithoutTimes_SaysWhatIsMissing()
    {
        using var folder = new TempFolder();
        var file = folder.Write("reads.csv", "user,item\na,x\na,y\nb,x\nb,y\n");

        var error = Assert.Throws<DatasetException>(() => MadeUpData.Open(new DatasetOptions { Scenario = "news", Path = file }));

        Assert.Contains("News need times", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void News_ReadersOfNoPaper_AreDealtInTurn()
    {
        using var folder = new TempFolder();
        var rows = Enumerable.Range(0, 5).SelectMany(reader => Enumerable.Range(0, 3).Select(article => $"r{reader},a{article},{1_700_000_000 + (article * 60)}"));
        var file = folder.Write("reads.csv", $"user,item,timestamp\n{string.Join('\n', rows)}\n");

        var news = MadeUpData.Open(new DatasetOptions { Scenario = "news", Path = file });

        Assert.Equal([0, 1, 2, 0, 1], Enumerable.Range(0, 5).Select(news.Parties!.Of));
        Assert.Equal(1_700_000_120, news.Catalogue.Lifetimes!.Newest);
        float[] scores = [1, 1, 1];
        Assert.Equal(3, news.Candidates.Apply(new UserHistory([]), 1_700_000_120 + (4 * 86_400), scores)); // four days later all are gone
    }

    [Fact]
    public void News_TheSameReadsInAnyUnit_LiveForThreeDaysAndRankAlike()
    {
        var ranked = new[] { 1L, 1_000, 1_000_000, 1_000_000_000 }.Select(factor =>
        {
            using var folder = new TempFolder();
            var rows = Enumerable.Range(0, 24).Select(row => $"r{row % 4},a{row / 4},{(1_700_000_000 + (row / 4 * 30 * 3_600) + (row % 4 * 60)) * factor}"); // an article each 30 hours
            var news = MadeUpData.Open(new DatasetOptions { Scenario = "news", Path = folder.Write("reads.csv", $"user,item,timestamp\n{string.Join('\n', rows)}\n") });
            float[] scores = [1, 2, 3, 4, 5, 6];
            Assert.Equal(3, news.Candidates.Apply(new UserHistory([]), null, scores)); // of six the last three are live
            return string.Join(' ', scores);
        });

        Assert.Single(ranked.Distinct());
    }

    [Fact]
    public void Shop_DataWithoutCompanies_IsRefusedBeforeAnythingIsTrained()
    {
        using var folder = new TempFolder();
        var file = folder.Write("clicks.csv", "user,item\na,x\na,y\nb,x\nb,y\n");

        var error = Assert.Throws<DatasetException>(() => MadeUpData.Open(new DatasetOptions { Scenario = "shop", Path = file }));

        Assert.Contains("the data names none", error.Message, StringComparison.Ordinal);
    }
}
